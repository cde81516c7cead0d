// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_PLANE_SOURCE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_PLANE_SOURCE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "services/preprocess/picture/resample/lanczos_weights.h"

namespace tessera::preprocess {

// One plane (Y, Cb or Cr) as a decoder will deliver it.
struct PlaneShape {
  // Samples in a row and rows that mean something.
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  // What the picture really covers of them: 4027 px at half size are 2013.5 samples, of which
  // there are 2014.
  double width_extent = 0;
  double height_extent = 0;
  // Samples that the decoder may write into a row: a multiple of its block size.
  uint32_t row_samples = 0;
  // Rows that one ReadRows delivers.
  uint32_t rows_per_read = 0;
  // The plane has half the samples of the picture in this direction, at full decoding size.
  bool half_width = false;
  bool half_height = false;
  SampleRange range = SampleRange::kFull;
};

// A picture that is decoded as planes of gray or of YCbCr (BT.601), a band of rows at a time. Not
// thread-safe.
class PlaneSource {
 public:
  virtual ~PlaneSource() = default;

  // Gets as far as the first row, which for some files means decoding all of it. Call first, once.
  virtual absl::Status Start() = 0;

  // After Start: 1 (gray) or 3.
  virtual size_t plane_count() const = 0;
  virtual const PlaneShape& plane(size_t index) const = 0;

  virtual bool Done() const = 0;

  // Decodes one more band. `rows[p]` are plane(p).rows_per_read places for rows of
  // plane(p).row_samples samples; places beyond the end of the picture may stay unwritten. Called
  // until Done(), and not again after an error.
  virtual absl::Status ReadRows(uint8_t** const (&rows)[3]) = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_PLANE_SOURCE_H_
