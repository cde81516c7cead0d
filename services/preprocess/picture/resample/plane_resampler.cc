// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/plane_resampler.h"

#include <algorithm>

namespace tessera::preprocess {
namespace {

size_t RoundUp(size_t value, size_t step) { return (value + step - 1) / step * step; }

}  // namespace

PlaneResampler::PlaneResampler(const ResampleSpan& across, const ResampleSpan& down,
                               uint32_t row_samples, uint32_t rows_per_push,
                               const ResampleKernels& kernels)
    : kernels_(kernels),
      across_(CachedLanczosWeights(across)),
      down_(CachedLanczosWeights(down)),
      source_rows_(down.source_samples),
      rows_per_push_(rows_per_push),
      ring_rows_(static_cast<uint32_t>(RoundUp(down_->max_taps + 1, rows_per_push)) +
                 rows_per_push),
      ring_stride_(RoundUp(row_samples, kRowBlock)),
      ring_(ring_stride_ * ring_rows_),
      next_rows_(rows_per_push),
      summands_(down_->stride),
      // The last weights may reach, with zeros, beyond the last column.
      summed_(ring_stride_ + across_->stride + kRowBlock),
      target_(PixelBuffer::Make(across.target_samples, down.target_samples, 1)) {
  PlaceNextRows();
}

void PlaneResampler::PlaceNextRows() {
  for (uint32_t i = 0; i < rows_per_push_; ++i) next_rows_[i] = Row(pushed_rows_ + i);
}

void PlaneResampler::Push() {
  pushed_rows_ = std::min(pushed_rows_ + rows_per_push_, source_rows_);
  while (finished_rows_ < target_.height_px &&
         down_->first[finished_rows_] + down_->taps[finished_rows_] <= pushed_rows_) {
    FinishRow(finished_rows_++);
  }
  PlaceNextRows();
}

void PlaneResampler::FinishRow(uint32_t target_row) {
  const uint32_t first = down_->first[target_row];
  const uint32_t taps = down_->taps[target_row];
  for (uint32_t k = 0; k < taps; ++k) summands_[k] = Row(first + k);
  // The kernel takes rows in pairs; the partner of the last one has weight zero.
  if (taps % 2 != 0) summands_[taps] = summands_[taps - 1];
  kernels_.sum_rows(summands_.data(), down_->For(target_row), (taps + 1) / 2 * 2, ring_stride_,
                    summed_.data());
  kernels_.sum_columns(summed_.data(), *across_, target_.Pixel(0, target_row));
}

}  // namespace tessera::preprocess
