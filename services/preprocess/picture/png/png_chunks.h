// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_CHUNKS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_CHUNKS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tessera::preprocess {

struct PngChunk {
  std::string_view name;  // Four letters.
  std::string_view content;
  // Name, content and checksum as they lie in the file.
  std::string_view framed;
  // Where the file has the next chunk.
  size_t next = 0;

  bool ChecksumHolds() const;
};

inline constexpr size_t kPngSignatureBytes = 8;

enum class PngChunkRead {
  kWhole,
  kCut,      // The file ends within the chunk; `content` is what there is of it.
  kGarbled,  // Its name is no name, or its length beyond what the format allows.
};

// Reads the chunk at `at`; allocates nothing and does not compute its checksum.
PngChunkRead ReadPngChunk(std::string_view file, size_t at, PngChunk& chunk);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_CHUNKS_H_
