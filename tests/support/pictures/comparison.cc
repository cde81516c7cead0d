// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tessera::testing {

double Psnr(const Drawing& a, const Drawing& b) {
  if (a.width_px() != b.width_px() || a.height_px() != b.height_px()) return -1;
  double squares = 0;
  for (size_t i = 0; i < a.rgb().size(); ++i) {
    const double difference = a.rgb()[i] - b.rgb()[i];
    squares += difference * difference;
  }
  if (squares == 0) return 99;
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.rgb().size()) / squares);
}

int Distance(Color a, Color b) {
  return std::max(
      {std::abs(a.red - b.red), std::abs(a.green - b.green), std::abs(a.blue - b.blue)});
}

Drawing StoredFor(const Drawing& upright, int exif) {
  const uint32_t w = upright.width_px(), h = upright.height_px();
  const bool swapped = exif >= 5;
  Drawing stored(swapped ? h : w, swapped ? w : h, kWhite);
  for (uint32_t y = 0; y < h; ++y) {
    for (uint32_t x = 0; x < w; ++x) {
      const Color color = upright.At(x, y);
      // EXIF's table: where row 0 and column 0 of the stored picture lie in the scene.
      switch (exif) {
        case 2:  // Row 0 at the top, column 0 at the right.
          stored.Set(w - 1 - x, y, color);
          break;
        case 3:  // Bottom, right.
          stored.Set(w - 1 - x, h - 1 - y, color);
          break;
        case 4:  // Bottom, left.
          stored.Set(x, h - 1 - y, color);
          break;
        case 5:  // Left, top.
          stored.Set(y, x, color);
          break;
        case 6:  // Right, top.
          stored.Set(y, w - 1 - x, color);
          break;
        case 7:  // Right, bottom.
          stored.Set(h - 1 - y, w - 1 - x, color);
          break;
        case 8:  // Left, bottom.
          stored.Set(h - 1 - y, x, color);
          break;
        default:
          stored.Set(x, y, color);
          break;
      }
    }
  }
  return stored;
}

}  // namespace tessera::testing
