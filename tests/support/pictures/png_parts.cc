// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/png_parts.h"

#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace tessera::testing {
namespace {

constexpr size_t kFirstChunkEnd = 8 + 25;

class Deflater {
 public:
  explicit Deflater(int level) {
    if (deflateInit(&stream_, level) != Z_OK) std::abort();
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  void Add(std::string_view bytes, bool last) {
    std::vector<uint8_t> buffer(64 << 10);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    int result = Z_OK;
    do {
      stream_.next_out = buffer.data();
      stream_.avail_out = static_cast<uInt>(buffer.size());
      result = deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out_.append(reinterpret_cast<char*>(buffer.data()), buffer.size() - stream_.avail_out);
    } while (stream_.avail_out == 0 || (last && result != Z_STREAM_END));
  }

  std::string Take() { return std::move(out_); }

 private:
  z_stream stream_ = {};
  std::string out_;
};

}  // namespace

std::string BigEndian(uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::string PngChunkBytes(std::string_view name, const std::string& content) {
  const std::string body = std::string(name) + content;
  const uLong crc =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return BigEndian(content.size(), 4) + body + BigEndian(crc, 4);
}

std::string PngFirstChunk(uint32_t width_px, uint32_t height_px, int bits, int color,
                          bool interlaced) {
  return PngChunkBytes("IHDR", BigEndian(width_px, 4) + BigEndian(height_px, 4) +
                                   static_cast<char>(bits) + static_cast<char>(color) +
                                   std::string(2, '\0') + static_cast<char>(interlaced));
}

std::string Deflate(const std::string& bytes, int level) {
  Deflater deflater(level);
  deflater.Add(bytes, true);
  return deflater.Take();
}

std::string DeflateRepeated(char byte, uint64_t count) {
  Deflater deflater(9);
  const std::string piece(1 << 20, byte);
  for (; count > piece.size(); count -= piece.size()) deflater.Add(piece, false);
  deflater.Add(std::string_view(piece).substr(0, count), true);
  return deflater.Take();
}

std::string PngOfRows(uint32_t width_px, uint32_t height_px, int bits, int color,
                      const std::string& rows) {
  return std::string(kPngSignature) + PngFirstChunk(width_px, height_px, bits, color) +
         PngChunkBytes("IDAT", Deflate(rows)) + PngChunkBytes("IEND", "");
}

std::string WithPngChunk(const std::string& png, const std::string& chunk) {
  return png.substr(0, kFirstChunkEnd) + chunk + png.substr(kFirstChunkEnd);
}

}  // namespace tessera::testing
