// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/damage.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "tests/support/pictures/png_parts.h"
#include "tests/support/pictures/random.h"

namespace tessera::testing {
namespace {

std::string LittleEndian16(uint16_t value) {
  return {static_cast<char>(value & 0xFF), static_cast<char>(value >> 8)};
}

std::string PngAround(uint32_t width_px, uint32_t height_px, const std::string& pixels) {
  return std::string(kPngSignature) + PngFirstChunk(width_px, height_px, 1, 0) +
         PngChunkBytes("IDAT", pixels) + PngChunkBytes("IEND", "");
}

// `rows` rows of `row_bytes` white bytes each behind a filter byte, deflated.
std::string DeflatedRows(uint32_t rows, uint32_t row_bytes) {
  z_stream stream = {};
  if (deflateInit(&stream, 1) != Z_OK) std::abort();
  std::vector<uint8_t> row(size_t{1} + row_bytes, 0xFF);
  row[0] = 0;
  std::string out;
  std::vector<uint8_t> buffer(64 << 10);
  for (uint32_t y = 0; y <= rows; ++y) {
    stream.next_in = row.data();
    stream.avail_in = y < rows ? static_cast<uInt>(row.size()) : 0;
    int result = Z_OK;
    do {
      stream.next_out = buffer.data();
      stream.avail_out = static_cast<uInt>(buffer.size());
      result = deflate(&stream, y < rows ? Z_NO_FLUSH : Z_FINISH);
      out.append(reinterpret_cast<char*>(buffer.data()), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0 || (y == rows && result != Z_STREAM_END));
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::string Truncate(const std::string& file, double share) {
  return file.substr(0, static_cast<size_t>(static_cast<double>(file.size()) * share));
}

std::string FlipBytes(std::string file, int count, uint64_t seed, size_t keep) {
  Random random(seed);
  if (file.size() <= keep) return file;
  for (int i = 0; i < count; ++i) {
    const size_t at = keep + random.Next() % (file.size() - keep);
    file[at] = static_cast<char>(random.Next());
  }
  return file;
}

std::string ClaimedPng(uint32_t width_px, uint32_t height_px) {
  return PngAround(width_px, height_px, DeflatedRows(1, 16));
}

std::string FlatPng(uint32_t width_px, uint32_t height_px) {
  return PngAround(width_px, height_px, DeflatedRows(height_px, (width_px + 7) / 8));
}

std::string GifFrameOutgrowsScreen(uint16_t width_px, uint16_t height_px) {
  std::string file = "GIF89a" + LittleEndian16(160) + LittleEndian16(120);
  file += std::string("\x80\0\0\0\0\0\xFF\xFF\xFF", 9);  // Two colours.
  file += ',' + std::string(4, '\0') + LittleEndian16(width_px) + LittleEndian16(height_px);
  file += std::string("\0\2\2\x4C\1\0;", 7);
  return file;
}

std::string ClaimedJpeg(std::string jpeg, uint16_t width_px, uint16_t height_px) {
  for (size_t at = 2; at + 9 < jpeg.size();) {
    const auto marker = static_cast<uint8_t>(jpeg[at + 1]);
    if (marker >= 0xC0 && marker <= 0xC2) {
      jpeg.replace(at + 5, 4, BigEndian(height_px, 2) + BigEndian(width_px, 2));
      return jpeg;
    }
    at += 2 + static_cast<size_t>(static_cast<uint8_t>(jpeg[at + 2]) << 8 |
                                  static_cast<uint8_t>(jpeg[at + 3]));
  }
  std::abort();
}

std::string ClaimedAvif(std::string avif, uint32_t width_px, uint32_t height_px) {
  for (size_t at = avif.find("ispe"); at != std::string::npos; at = avif.find("ispe", at + 4)) {
    avif.replace(at + 8, 8, BigEndian(width_px, 4) + BigEndian(height_px, 4));
  }
  return avif;
}

}  // namespace tessera::testing
