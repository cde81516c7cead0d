// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_CORRECTNESS_CASES_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_CORRECTNESS_CASES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/pictures/drawing.h"

namespace tessera::testing {

// A file that is easily shown wrong, and what a careful viewer sees.
struct CorrectnessCase {
  std::string name;
  std::string file;
  Drawing truth;
  // How close to the truth a right result is at least; every mistake lands far below.
  double min_psnr = 0;
  // Which frame or page is meant.
  uint32_t frame = 0;
  // Shown on the contact sheet.
  bool on_sheet = true;
};

// What transparent pixels of the cases lie over.
inline constexpr Color kCaseBackground{250, 240, 200};

// Orientations, colour spaces, depths, transparency, frames, storage: some hundred files. HEIC ones
// only where an HEVC encoder is installed.
std::vector<CorrectnessCase> CorrectnessCases();

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_CORRECTNESS_CASES_H_
