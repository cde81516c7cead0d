// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/encoding.h"

namespace tessera::testing {
namespace {

void Append(std::string& file, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) file += static_cast<char>(value >> (8 * i) & 0xFF);
}

}  // namespace

std::string EncodeBmp(const Drawing& drawing) {
  const uint32_t row_bytes = (drawing.width_px() * 3 + 3) / 4 * 4;
  const uint32_t pixel_bytes = row_bytes * drawing.height_px();
  std::string file = "BM";
  Append(file, 54 + pixel_bytes, 4);
  Append(file, 0, 4);
  Append(file, 54, 4);
  Append(file, 40, 4);
  Append(file, drawing.width_px(), 4);
  Append(file, drawing.height_px(), 4);
  Append(file, 1, 2);
  Append(file, 24, 2);
  Append(file, 0, 4);
  Append(file, pixel_bytes, 4);
  file += std::string(16, '\0');
  for (uint32_t y = drawing.height_px(); y-- > 0;) {
    for (uint32_t x = 0; x < drawing.width_px(); ++x) {
      const Color color = drawing.At(x, y);
      file += static_cast<char>(color.blue);
      file += static_cast<char>(color.green);
      file += static_cast<char>(color.red);
    }
    Append(file, 0, static_cast<int>(row_bytes - drawing.width_px() * 3));
  }
  return file;
}

}  // namespace tessera::testing
