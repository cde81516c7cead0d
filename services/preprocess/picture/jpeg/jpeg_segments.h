// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_SEGMENTS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_SEGMENTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "services/preprocess/picture/byte_reader.h"

namespace tessera::preprocess {

namespace jpeg_marker {
inline constexpr uint8_t kApp1 = 0xE1;
inline constexpr uint8_t kApp2 = 0xE2;
inline constexpr uint8_t kStartOfScan = 0xDA;
inline constexpr uint8_t kEndOfImage = 0xD9;
}  // namespace jpeg_marker

// The segments of a JPEG one after the other. Bytes between segments are skipped, as decoders do:
// entropy-coded pixels, and what some cameras leave there.
class JpegSegments {
 public:
  struct Segment {
    uint8_t marker = 0;
    std::string_view content;  // Empty for the end mark.
  };

  explicit JpegSegments(std::string_view file) : file_(file) {}

  // Nothing when the file ends before another segment does.
  std::optional<Segment> Next() {
    Segment segment;
    for (;;) {
      at_ = file_.find('\xFF', at_);
      while (at_ < file_.size() && file_[at_] == '\xFF') ++at_;
      if (at_ >= file_.size()) return std::nullopt;
      segment.marker = static_cast<uint8_t>(file_[at_++]);
      if (segment.marker == jpeg_marker::kEndOfImage) return segment;
      // Stuffing, restart marks and the like have no content.
      if (segment.marker > 0x01 && (segment.marker & 0xF8) != 0xD0) break;
    }
    const auto bytes = ReadBigEndian(file_, at_, 2);
    if (!bytes || *bytes < 2 || file_.size() - at_ < *bytes) return std::nullopt;
    segment.content = file_.substr(at_ + 2, *bytes - 2);
    at_ += *bytes;
    return segment;
  }

 private:
  std::string_view file_;
  size_t at_ = 2;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_SEGMENTS_H_
