// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_BYTE_READER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::preprocess {

// The unsigned integer of `bytes` bytes (1 to 8) at `at`, or nothing when the file ends before.
inline std::optional<uint64_t> ReadBigEndian(std::string_view file, size_t at, size_t bytes) {
  if (at > file.size() || file.size() - at < bytes) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<uint8_t>(file[at + i]);
  return value;
}

inline std::optional<uint64_t> ReadLittleEndian(std::string_view file, size_t at, size_t bytes) {
  if (at > file.size() || file.size() - at < bytes) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<uint8_t>(file[at + i]);
  return value;
}

// The numbers of a TIFF file, or of Exif, in the byte order that its first letter tells: 'I' is
// little-endian, anything else big-endian. Does not own the file.
class TiffNumberReader {
 public:
  explicit TiffNumberReader(std::string_view file)
      : file_(file), little_endian_(file.starts_with('I')) {}

  std::optional<uint64_t> operator()(size_t at, size_t bytes) const {
    return little_endian_ ? ReadLittleEndian(file_, at, bytes) : ReadBigEndian(file_, at, bytes);
  }

 private:
  std::string_view file_;
  bool little_endian_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_BYTE_READER_H_
