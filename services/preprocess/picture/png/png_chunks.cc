// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/png_chunks.h"

#include <isa-l/crc.h>

#include <algorithm>

#include "services/preprocess/picture/byte_reader.h"

namespace tessera::preprocess {
namespace {

constexpr uint64_t kMaxChunkBytes = 0x7FFFFFFF;

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

bool PngChunk::ChecksumHolds() const {
  const size_t covered = framed.size() - 4;
  const uint32_t computed =
      crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(framed.data()), covered);
  return ReadBigEndian(framed, covered, 4) == computed;
}

PngChunkRead ReadPngChunk(std::string_view file, size_t at, PngChunk& chunk) {
  chunk = {};
  const auto bytes = ReadBigEndian(file, at, 4);
  if (!bytes || file.size() - at < 8) return PngChunkRead::kCut;
  chunk.name = file.substr(at + 4, 4);
  if (*bytes > kMaxChunkBytes || !std::all_of(chunk.name.begin(), chunk.name.end(), IsLetter)) {
    return PngChunkRead::kGarbled;
  }
  chunk.content = file.substr(at + 8, *bytes);
  if (file.size() - at - 8 < *bytes + 4) return PngChunkRead::kCut;
  chunk.framed = file.substr(at + 4, *bytes + 8);
  chunk.next = at + 12 + *bytes;
  return PngChunkRead::kWhole;
}

}  // namespace tessera::preprocess
