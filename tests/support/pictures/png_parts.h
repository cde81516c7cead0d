// SPDX-License-Identifier: Apache-2.0
//
// PNG files piece by piece, for files that no encoder would write.
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_PNG_PARTS_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_PNG_PARTS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace tessera::testing {

inline constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1A\n";

std::string BigEndian(uint64_t value, int bytes);

// A chunk with its checksum.
std::string PngChunkBytes(std::string_view name, const std::string& content);

// The first chunk. `color` is 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGB and alpha.
std::string PngFirstChunk(uint32_t width_px, uint32_t height_px, int bits, int color,
                          bool interlaced = false);

// A zlib stream.
std::string Deflate(const std::string& bytes, int level = 6);

// `count` equal bytes as a zlib stream, made without ever holding them: a bomb.
std::string DeflateRepeated(char byte, uint64_t count);

// Signature, first chunk, one chunk of pixels and the end. `rows` are filter bytes and samples.
std::string PngOfRows(uint32_t width_px, uint32_t height_px, int bits, int color,
                      const std::string& rows);

// The same file with `chunk` behind the first one.
std::string WithPngChunk(const std::string& png, const std::string& chunk);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_PNG_PARTS_H_
