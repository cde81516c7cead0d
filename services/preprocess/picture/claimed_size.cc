// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/claimed_size.h"

#include <algorithm>

#include "services/preprocess/picture/byte_reader.h"

namespace tessera::preprocess {
namespace {

constexpr size_t kSearchBytes = 64 << 10;

std::optional<ClaimedSize> ReadPair(std::string_view file, size_t at) {
  const auto width = ReadBigEndian(file, at, 4);
  const auto height = ReadBigEndian(file, at + 4, 4);
  if (!width || !height) return std::nullopt;
  return ClaimedSize{*width, *height};
}

// A HEIF file has one `ispe` box per picture or tile; the largest is the whole picture.
std::optional<ClaimedSize> LargestSpatialExtent(std::string_view file) {
  const std::string_view head = file.substr(0, std::min(file.size(), kSearchBytes));
  std::optional<ClaimedSize> largest;
  for (size_t at = head.find("ispe"); at != std::string_view::npos;
       at = head.find("ispe", at + 4)) {
    const auto size = ReadPair(head, at + 8);
    if (!size) break;
    if (!largest || size->width_px * size->height_px > largest->width_px * largest->height_px) {
      largest = size;
    }
  }
  return largest;
}

}  // namespace

std::optional<ClaimedSize> ReadClaimedSize(PictureFormat format, std::string_view file) {
  switch (format) {
    case PictureFormat::kAvif:
    case PictureFormat::kHeic:
      return LargestSpatialExtent(file);
    default:
      return std::nullopt;
  }
}

}  // namespace tessera::preprocess
