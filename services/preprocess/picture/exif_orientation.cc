// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/exif_orientation.h"

#include <optional>

#include "services/preprocess/picture/byte_reader.h"

namespace tessera::preprocess {
namespace {

using std::string_view_literals::operator""sv;

constexpr uint64_t kOrientationTag = 0x0112;
constexpr uint64_t kShort = 3;
constexpr uint64_t kLong = 4;
constexpr size_t kEntryBytes = 12;

}  // namespace

int ReadExifOrientation(std::string_view exif) {
  if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
  if (!exif.starts_with("II") && !exif.starts_with("MM")) return 1;
  const TiffNumberReader read(exif);
  const auto directory = read(4, 4);
  if (!directory) return 1;
  const auto entries = read(*directory, 2);
  if (!entries) return 1;
  for (uint64_t i = 0; i < *entries; ++i) {
    const size_t at = *directory + 2 + i * kEntryBytes;
    const auto tag = read(at, 2);
    if (!tag) return 1;
    if (*tag != kOrientationTag) continue;
    const auto type = read(at + 2, 2);
    const auto value = type == kShort ? read(at + 8, 2) : type == kLong ? read(at + 8, 4) : 0;
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

}  // namespace tessera::preprocess
