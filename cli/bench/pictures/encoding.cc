// SPDX-License-Identifier: Apache-2.0
#include <webp/encode.h>
#include <zlib.h>

#include <cstdio>
// The library's header needs FILE before it.
#include <jpeglib.h>

#include <cstdlib>

#include "cli/bench/pictures/scenes.h"

namespace tessera::bench {
namespace {

constexpr int kQuality = 90;

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string Jpeg(const Canvas& canvas) {
  jpeg_compress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &bytes, &size);
  jpeg.image_width = static_cast<JDIMENSION>(canvas.width());
  jpeg.image_height = static_cast<JDIMENSION>(canvas.height());
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, kQuality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row =
        const_cast<JSAMPROW>(&canvas.pixels()[size_t{jpeg.next_scanline} * canvas.width() * 3]);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  std::string file(reinterpret_cast<char*>(bytes), size);
  jpeg_destroy_compress(&jpeg);
  std::free(bytes);
  return file;
}

std::string Webp(const Canvas& canvas) {
  uint8_t* bytes = nullptr;
  const size_t size = WebPEncodeRGB(canvas.pixels().data(), canvas.width(), canvas.height(),
                                    canvas.width() * 3, kQuality, &bytes);
  std::string file(reinterpret_cast<char*>(bytes), size);
  WebPFree(bytes);
  return file;
}

std::string PngChunk(const std::string& kind, const std::string& body) {
  const std::string checked = kind + body;
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
  return BigEndian(static_cast<uint32_t>(body.size())) + checked +
         BigEndian(static_cast<uint32_t>(sum));
}

std::string Png(const Canvas& canvas) {
  const size_t row_bytes = static_cast<size_t>(canvas.width()) * 3;
  std::string rows;
  for (int y = 0; y < canvas.height(); ++y) {
    rows += '\0';  // No filter.
    rows.append(reinterpret_cast<const char*>(&canvas.pixels()[y * row_bytes]), row_bytes);
  }
  uLongf size = compressBound(rows.size());
  std::string packed(size, '\0');
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
            reinterpret_cast<const Bytef*>(rows.data()), rows.size(), Z_BEST_SPEED);
  packed.resize(size);
  const std::string header = BigEndian(static_cast<uint32_t>(canvas.width())) +
                             BigEndian(static_cast<uint32_t>(canvas.height())) +
                             std::string("\x08\x02\x00\x00\x00", 5);
  return "\x89PNG\r\n\x1a\n" + PngChunk("IHDR", header) + PngChunk("IDAT", packed) +
         PngChunk("IEND", "");
}

// Uncompressed, one strip, big-endian.
std::string Tiff(const Canvas& canvas) {
  constexpr uint32_t kShort = 3, kLong = 4;
  struct Entry {
    uint32_t tag, type, count, value;
  };
  constexpr uint32_t kEntries = 10;
  constexpr uint32_t kBits = 8 + 2 + kEntries * 12 + 4;
  constexpr uint32_t kPixels = kBits + 6;
  const auto width = static_cast<uint32_t>(canvas.width());
  const auto height = static_cast<uint32_t>(canvas.height());
  const auto bytes = static_cast<uint32_t>(canvas.pixels().size());
  const Entry entries[kEntries] = {{256, kLong, 1, width},    {257, kLong, 1, height},
                                   {258, kShort, 3, kBits},   {259, kShort, 1, 1 << 16},
                                   {262, kShort, 1, 2 << 16}, {273, kLong, 1, kPixels},
                                   {277, kShort, 1, 3 << 16}, {278, kLong, 1, height},
                                   {279, kLong, 1, bytes},    {284, kShort, 1, 1 << 16}};
  std::string file = std::string("MM\0*", 4) + BigEndian(8) + BigEndian(kEntries).substr(2);
  for (const Entry& entry : entries) {
    file += BigEndian(entry.tag).substr(2) + BigEndian(entry.type).substr(2) +
            BigEndian(entry.count) + BigEndian(entry.value);
  }
  file += BigEndian(0);
  for (int i = 0; i < 3; ++i) file += BigEndian(8).substr(2);
  return file.append(reinterpret_cast<const char*>(canvas.pixels().data()), bytes);
}

}  // namespace

std::string_view FormatName(FileFormat format) {
  switch (format) {
    case FileFormat::kJpeg:
      return "JPEG";
    case FileFormat::kPng:
      return "PNG";
    case FileFormat::kWebp:
      return "WEBP";
    case FileFormat::kTiff:
      return "TIFF";
  }
  return "";
}

std::string EncodePicture(const Canvas& canvas, FileFormat format) {
  switch (format) {
    case FileFormat::kJpeg:
      return Jpeg(canvas);
    case FileFormat::kPng:
      return Png(canvas);
    case FileFormat::kWebp:
      return Webp(canvas);
    case FileFormat::kTiff:
      return Tiff(canvas);
  }
  return {};
}

}  // namespace tessera::bench
