// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_VARIED_JPEGS_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_VARIED_JPEGS_H_

#include <functional>
#include <string>
#include <vector>

namespace tessera::testing {

struct NamedJpeg {
  std::string name;
  std::function<std::string()> make;
};

// What quality is judged on: photos, documents, charts and edges in every subsampling, at even and
// odd sizes, from smaller than the result to nine times as large.
const std::vector<NamedJpeg>& VariedJpegs();

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_VARIED_JPEGS_H_
