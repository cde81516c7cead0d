// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_STRIP_RESAMPLER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_STRIP_RESAMPLER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "services/preprocess/picture/pixel_buffer.h"
#include "services/preprocess/picture/resample/lanczos_weights.h"
#include "services/preprocess/picture/resample/resample_kernels.h"

namespace tessera::preprocess {

// Resizes a plane, or a picture of interleaved channels, while it is being decoded: holds only the
// rows that some target row still needs, in a ring. Not thread-safe.
//
//   while (rows left) {
//     uint8_t** rows = resampler.NextRows();  // Places for `rows_per_push` rows.
//     ... write them ...
//     resampler.Push();
//   }
//   PixelBuffer plane = resampler.Take();
class StripResampler {
 public:
  // `row_pixels` is how many pixels of `channels` (1 to 4) samples the writer may put into a row.
  StripResampler(const ResampleSpan& across, const ResampleSpan& down, uint32_t row_pixels,
                 uint32_t channels, uint32_t rows_per_push, const ResampleKernels& kernels);

  // The row pushed last stays where it was until after the next Push.
  uint8_t** NextRows() { return next_rows_.data(); }

  // Takes the rows written and finishes every target row that they complete. Rows beyond
  // down.source_samples are ignored.
  void Push();

  // The whole picture, once all rows were pushed. Call once.
  PixelBuffer Take() { return std::move(target_); }

 private:
  uint8_t* Row(uint32_t source_row) {
    return ring_.data() + size_t{source_row % ring_rows_} * ring_stride_;
  }
  void PlaceNextRows();
  void FinishRow(uint32_t target_row);
  void FinishChannels(uint8_t* out);

  const ResampleKernels& kernels_;
  const std::shared_ptr<const ResampleWeights> across_;
  const std::shared_ptr<const ResampleWeights> down_;
  const uint32_t row_pixels_;
  const uint32_t channels_;
  const uint32_t source_rows_;
  const uint32_t rows_per_push_;
  const uint32_t ring_rows_;
  const size_t ring_stride_;
  // Where each channel starts in `summed_`.
  const size_t channel_stride_;
  std::vector<uint8_t> ring_;
  std::vector<uint8_t*> next_rows_;
  // Rows to be summed for one target row, the sum of them, and the same with the channels apart.
  std::vector<const uint8_t*> summands_;
  std::vector<int16_t> interleaved_;
  std::vector<int16_t> summed_;
  // One finished row of each channel.
  std::vector<uint8_t> finished_;
  uint32_t pushed_rows_ = 0;
  uint32_t finished_rows_ = 0;
  PixelBuffer target_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_RESAMPLE_STRIP_RESAMPLER_H_
