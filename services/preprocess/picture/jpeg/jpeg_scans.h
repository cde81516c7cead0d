// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_SCANS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_SCANS_H_

#include <string_view>

namespace tessera::preprocess {

// Real encoders write about ten; a file may hold thousands, each over the whole picture.
inline constexpr int kMaxJpegScans = 100;

// What the markers of a JPEG say about its pixels, found without decoding one.
struct JpegScans {
  // Scans up to the end mark, or kMaxJpegScans + 1 if there are more.
  int count = 0;
  bool has_end = false;
};

// Hops from marker to marker; takes a fraction of a millisecond per megabyte.
JpegScans FindJpegScans(std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_SCANS_H_
