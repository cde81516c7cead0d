// SPDX-License-Identifier: Apache-2.0
//
// picture-contact-sheet OUT.png: the correctness pictures, each three times: as a plain viewer
// shows the file (no orientation, no profile, transparency over black), as it comes out of
// preparation, and as it was drawn. A frame turns red where the second is not the third.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/correctness_cases.h"
#include "tests/support/pictures/encoding.h"

namespace {

using namespace tessera::testing;     // NOLINT(google-build-using-namespace): a main file.
using namespace tessera::preprocess;  // NOLINT(google-build-using-namespace): a main file.

constexpr uint32_t kCell = 240, kCaption = 26, kGap = 8, kColumns = 3;
constexpr uint32_t kCaseWidth = 3 * kCell + 4 * kGap, kCaseHeight = kCell + kCaption + 2 * kGap;

// Centred in its cell; a turned picture is as high as it is wide.
void Paste(const Drawing& picture, uint32_t left, uint32_t top, Drawing& sheet) {
  const uint32_t dx = (kCell - std::min(kCell, picture.width_px())) / 2;
  const uint32_t dy = (kCell - std::min(kCell, picture.height_px())) / 2;
  for (uint32_t y = 0; y < std::min(kCell, picture.height_px()); ++y) {
    for (uint32_t x = 0; x < std::min(kCell, picture.width_px()); ++x) {
      sheet.Set(left + dx + x, top + dy + y, picture.At(x, y));
    }
  }
}

Drawing Prepared(const CorrectnessCase& c) {
  PictureOptions options = Lossless();
  options.frame = c.frame;
  options.background = {kCaseBackground.red, kCaseBackground.green, kCaseBackground.blue};
  const auto prepared = Prepare(c.file, options);
  return prepared.ok() ? Decode(prepared->bytes) : Drawing(kCell, kCell, kRed);
}

bool DrawCase(const CorrectnessCase& c, uint32_t left, uint32_t top, Drawing& sheet) {
  const Drawing after = Prepared(c);
  const bool right = Psnr(after, c.truth) >= c.min_psnr;
  sheet.FillRectangle(left, top, left + kCaseWidth - kGap, top + kCaseHeight - kGap,
                      right ? Color{245, 245, 245} : kRed);
  sheet.Text(left + kGap, top + 6, 14, c.name, kBlack);
  Paste(Decode(c.file), left + kGap, top + kCaption, sheet);
  Paste(after, left + 2 * kGap + kCell, top + kCaption, sheet);
  Paste(c.truth, left + 3 * kGap + 2 * kCell, top + kCaption, sheet);
  return right;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: picture-contact-sheet OUT.png\n", stderr);
    return 2;
  }
  Preparer();  // Starts libvips.
  auto cases = CorrectnessCases();
  std::erase_if(cases, [](const CorrectnessCase& c) { return !c.on_sheet; });
  const auto rows = static_cast<uint32_t>((cases.size() + kColumns - 1) / kColumns);
  Drawing sheet(kColumns * kCaseWidth + kGap, rows * kCaseHeight + kGap, {180, 180, 184});
  int wrong = 0;
  for (uint32_t i = 0; i < cases.size(); ++i) {
    const uint32_t left = kGap + i % kColumns * kCaseWidth, top = kGap + i / kColumns * kCaseHeight;
    if (!DrawCase(cases[i], left, top, sheet)) ++wrong;
  }
  std::ofstream(argv[1], std::ios::binary) << EncodePng(sheet);
  std::printf("%zu cases (file, prepared, truth) in %s, %d wrong\n", cases.size(), argv[1], wrong);
  return wrong == 0 ? 0 : 1;
}
