// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_scans.h"

#include "services/preprocess/picture/jpeg/jpeg_segments.h"

namespace tessera::preprocess {

JpegScans FindJpegScans(std::string_view file) {
  JpegScans scans;
  JpegSegments segments(file);
  while (const auto segment = segments.Next()) {
    if (segment->marker == jpeg_marker::kEndOfImage) {
      scans.has_end = true;
      break;
    }
    if (segment->marker == jpeg_marker::kStartOfScan && ++scans.count > kMaxJpegScans) break;
  }
  return scans;
}

}  // namespace tessera::preprocess
