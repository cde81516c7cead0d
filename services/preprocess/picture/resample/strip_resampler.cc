// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/strip_resampler.h"

#include <algorithm>

namespace tessera::preprocess {
namespace {

size_t RoundUp(size_t value, size_t step) { return (value + step - 1) / step * step; }

}  // namespace

StripResampler::StripResampler(const ResampleSpan& across, const ResampleSpan& down,
                               uint32_t row_pixels, uint32_t channels, uint32_t rows_per_push,
                               const ResampleKernels& kernels)
    : kernels_(kernels),
      across_(CachedLanczosWeights(across)),
      down_(CachedLanczosWeights(down)),
      row_pixels_(row_pixels),
      channels_(channels),
      source_rows_(down.source_samples),
      rows_per_push_(rows_per_push),
      ring_rows_(static_cast<uint32_t>(RoundUp(down_->max_taps + 1, rows_per_push)) +
                 rows_per_push),
      // Whoever writes pixels of three bytes four bytes at a time writes one too many.
      ring_stride_(RoundUp(size_t{row_pixels} * channels + 1, kRowBlock)),
      // The last weights may reach, with zeros, beyond the last column.
      channel_stride_(RoundUp(row_pixels, kRowBlock) + across_->stride + kRowBlock),
      ring_(ring_stride_ * ring_rows_),
      next_rows_(rows_per_push),
      summands_(down_->stride),
      interleaved_(channels == 1 ? 0 : ring_stride_ + kRowBlock),
      summed_(std::max(channel_stride_ * channels, ring_stride_ + across_->stride + kRowBlock)),
      finished_(channels == 1 ? 0 : size_t{across.target_samples} * channels),
      target_(PixelBuffer::Make(across.target_samples, down.target_samples, channels)) {
  PlaceNextRows();
}

void StripResampler::PlaceNextRows() {
  for (uint32_t i = 0; i < rows_per_push_; ++i) next_rows_[i] = Row(pushed_rows_ + i);
}

void StripResampler::Push() {
  pushed_rows_ = std::min(pushed_rows_ + rows_per_push_, source_rows_);
  while (finished_rows_ < target_.height_px &&
         down_->first[finished_rows_] + down_->taps[finished_rows_] <= pushed_rows_) {
    FinishRow(finished_rows_++);
  }
  PlaceNextRows();
}

void StripResampler::FinishRow(uint32_t target_row) {
  const uint32_t first = down_->first[target_row];
  const uint32_t taps = down_->taps[target_row];
  for (uint32_t k = 0; k < taps; ++k) summands_[k] = Row(first + k);
  // The kernel takes rows in pairs; the partner of the last one has weight zero.
  if (taps % 2 != 0) summands_[taps] = summands_[taps - 1];
  int16_t* sum = channels_ == 1 ? summed_.data() : interleaved_.data();
  kernels_.sum_rows(summands_.data(), down_->For(target_row), (taps + 1) / 2 * 2, ring_stride_,
                    sum);
  uint8_t* out = target_.Pixel(0, target_row);
  if (channels_ == 1) {
    kernels_.sum_columns(sum, *across_, out);
  } else {
    FinishChannels(out);
  }
}

void StripResampler::FinishChannels(uint8_t* out) {
  kernels_.split_channels(interleaved_.data(), row_pixels_, channels_, channel_stride_,
                          summed_.data());
  const uint32_t width = target_.width_px;
  for (uint32_t c = 0; c < channels_; ++c) {
    kernels_.sum_columns(summed_.data() + c * channel_stride_, *across_,
                         finished_.data() + size_t{c} * width);
  }
  for (uint32_t c = 0; c < channels_; ++c) {
    const uint8_t* from = finished_.data() + size_t{c} * width;
    uint8_t* to = out + c;
    for (uint32_t x = 0; x < width; ++x, to += channels_) *to = from[x];
  }
}

}  // namespace tessera::preprocess
