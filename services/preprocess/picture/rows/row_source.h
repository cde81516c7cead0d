// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_ROW_SOURCE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_ROW_SOURCE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace tessera::preprocess {

// A row must have room for this many bytes more than its samples: sources that write several
// pixels at a time leave rubbish there.
inline constexpr size_t kRowSlackBytes = 1;

// What a decoder delivers: 8-bit samples in the colours of the file.
struct RowShape {
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  // What the picture really covers of them: 4027 px decoded at half size are 2013.5, of which
  // there are 2014.
  double width_extent = 0;
  double height_extent = 0;
  // Samples of a pixel, alpha included and last. 1 to 4.
  uint32_t channels = 0;
  bool has_alpha = false;  // Straight, not premultiplied.
};

// A picture that is decoded row by row, from top to bottom. Not thread-safe.
class RowSource {
 public:
  virtual ~RowSource() = default;

  // Gets as far as the first row, which for some files means decoding all of it. Call first, once.
  // May throw vips::VError.
  virtual absl::Status Start() { return absl::OkStatus(); }

  // After Start.
  virtual const RowShape& shape() const = 0;

  // Decodes the next row into `row`. The row before must still be where it was written, unchanged:
  // some formats store differences to it. Called at most height_px times, and not again after an
  // error. May throw vips::VError.
  virtual absl::Status ReadRow(uint8_t* row) = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_ROW_SOURCE_H_
