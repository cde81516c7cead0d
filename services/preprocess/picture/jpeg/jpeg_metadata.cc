// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_metadata.h"

#include <array>
#include <cstdint>

#include "services/preprocess/picture/byte_reader.h"
#include "services/preprocess/picture/exif_orientation.h"

namespace tessera::preprocess {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kExifMark = "Exif\0\0"sv;
constexpr std::string_view kProfileMark = "ICC_PROFILE\0"sv;
constexpr uint8_t kApp1 = 0xE1;
constexpr uint8_t kApp2 = 0xE2;
constexpr uint8_t kStartOfScan = 0xDA;
constexpr uint8_t kEndOfImage = 0xD9;

struct Segment {
  uint8_t marker = 0;
  std::string_view content;
};

// The segments in front of the first scan. Bytes between segments, which some cameras leave there,
// are skipped, as decoders do.
class Segments {
 public:
  explicit Segments(std::string_view file) : file_(file) {}

  bool Next(Segment& segment) {
    for (;;) {
      at_ = file_.find('\xFF', at_);
      while (at_ < file_.size() && file_[at_] == '\xFF') ++at_;
      if (at_ >= file_.size()) return false;
      segment.marker = static_cast<uint8_t>(file_[at_++]);
      if (segment.marker == kStartOfScan || segment.marker == kEndOfImage) return false;
      const bool stands_alone = segment.marker <= 0x01 || (segment.marker & 0xF8) == 0xD0;
      if (!stands_alone) break;
    }
    const auto bytes = ReadBigEndian(file_, at_, 2);
    if (!bytes || *bytes < 2 || file_.size() - at_ < *bytes) return false;
    segment.content = file_.substr(at_ + 2, *bytes - 2);
    at_ += *bytes;
    return true;
  }

 private:
  std::string_view file_;
  size_t at_ = 2;
};

// A profile lies in up to 255 parts, numbered from 1, in any order.
class ProfileParts {
 public:
  bool any() const { return count_ != 0; }

  void Add(std::string_view content) {
    if (content.size() < 2) return;
    const auto number = static_cast<uint8_t>(content[0]);
    const auto count = static_cast<uint8_t>(content[1]);
    if (number == 0 || number > count || (count_ != 0 && count != count_)) return;
    count_ = count;
    if (parts_[number].empty()) parts_[number] = content.substr(2);
  }

  std::string Join(size_t max_bytes) const {
    size_t bytes = 0;
    for (int i = 1; i <= count_; ++i) {
      if (parts_[static_cast<size_t>(i)].empty()) return {};
      bytes += parts_[static_cast<size_t>(i)].size();
    }
    std::string joined;
    if (bytes > max_bytes) return joined;
    joined.reserve(bytes);
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
  Segments segments(file);
  for (Segment segment; segments.Next(segment);) {
    if (segment.marker == kApp1 && !exif_found && segment.content.starts_with(kExifMark)) {
      metadata.orientation = ReadExifOrientation(segment.content);
      exif_found = true;
    } else if (segment.marker == kApp2 && segment.content.starts_with(kProfileMark)) {
      profile.Add(segment.content.substr(kProfileMark.size()));
    }
  }
  metadata.has_icc_profile = profile.any();
  metadata.icc_profile = profile.Join(max_profile_bytes);
  return metadata;
}

}  // namespace tessera::preprocess
