// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_metadata.h"

#include <array>
#include <cstdint>

#include "services/preprocess/picture/exif_orientation.h"
#include "services/preprocess/picture/jpeg/jpeg_segments.h"

namespace tessera::preprocess {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kExifMark = "Exif\0\0"sv;
constexpr std::string_view kProfileMark = "ICC_PROFILE\0"sv;

// A profile lies in up to 255 parts, numbered from 1, in any order.
class ProfileParts {
 public:
  void Add(std::string_view content) {
    if (content.size() < 2) return;
    const auto number = static_cast<uint8_t>(content[0]);
    const auto count = static_cast<uint8_t>(content[1]);
    if (number == 0 || number > count || (count_ != 0 && count != count_)) return;
    count_ = count;
    if (parts_[number].empty()) parts_[number] = content.substr(2);
  }

  size_t bytes() const {
    size_t bytes = 0;
    for (std::string_view part : parts_) bytes += part.size();
    return bytes;
  }

  // Empty when a part is missing.
  std::string Join() const {
    for (int i = 1; i <= count_; ++i) {
      if (parts_[static_cast<size_t>(i)].empty()) return {};
    }
    std::string joined;
    joined.reserve(bytes());
    for (int i = 1; i <= count_; ++i) joined.append(parts_[static_cast<size_t>(i)]);
    return joined;
  }

 private:
  int count_ = 0;
  std::array<std::string_view, 256> parts_;
};

}  // namespace

JpegMetadata ReadJpegMetadata(std::string_view file, size_t max_profile_bytes) {
  JpegMetadata metadata;
  ProfileParts profile;
  bool exif_found = false;
  JpegSegments segments(file);
  while (const auto segment = segments.Next()) {
    if (segment->marker == jpeg_marker::kStartOfScan ||
        segment->marker == jpeg_marker::kEndOfImage) {
      break;
    }
    if (segment->marker == jpeg_marker::kApp1 && !exif_found &&
        segment->content.starts_with(kExifMark)) {
      metadata.orientation = ReadExifOrientation(segment->content);
      exif_found = true;
    } else if (segment->marker == jpeg_marker::kApp2 &&
               segment->content.starts_with(kProfileMark)) {
      profile.Add(segment->content.substr(kProfileMark.size()));
    }
  }
  metadata.icc_profile_bytes = profile.bytes();
  if (metadata.icc_profile_bytes <= max_profile_bytes) metadata.icc_profile = profile.Join();
  return metadata;
}

}  // namespace tessera::preprocess
