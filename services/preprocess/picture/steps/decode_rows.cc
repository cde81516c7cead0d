// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture/resample/resample_kernels.h"
#include "services/preprocess/picture/resample/strip_resampler.h"
#include "services/preprocess/picture/rows/row_flattener.h"
#include "services/preprocess/picture/rows/row_source.h"
#include "services/preprocess/picture/stage_times.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

// Between two questions lie microseconds, and asking costs about one.
constexpr uint32_t kRowsBetweenCancelChecks = 8;

StripResampler MakeResampler(const RowShape& shape, uint32_t channels, OutputSize target) {
  const ResampleSpan across{.source_samples = shape.width_px,
                            .source_extent = shape.width_extent,
                            .target_samples = target.width_px};
  const ResampleSpan down{.source_samples = shape.height_px,
                          .source_extent = shape.height_extent,
                          .target_samples = target.height_px};
  return {across, down, shape.width_px, channels, 1, BestKernels()};
}

// Reads rows and lays them over the background as they come: what is resampled then is what a
// resampling of premultiplied colours, flattened afterwards, would have given.
class OpaqueRows {
 public:
  OpaqueRows(RowSource& source, const Rgb& background)
      : source_(source), shape_(source.shape()), background_(background) {
    if (!shape_.has_alpha) return;
    for (auto& row : straight_) {
      row.resize(size_t{shape_.width_px} * shape_.channels + kRowSlackBytes);
    }
  }

  uint32_t channels() const { return shape_.has_alpha ? 3 : shape_.channels; }

  absl::Status ReadRow(uint8_t* row) {
    if (!shape_.has_alpha) return source_.ReadRow(row);
    std::swap(straight_[0], straight_[1]);
    TESSERA_RETURN_IF_ERROR(source_.ReadRow(straight_[0].data()));
    FlattenRow(straight_[0].data(), shape_.channels, shape_.width_px, background_, row);
    return absl::OkStatus();
  }

 private:
  RowSource& source_;
  const RowShape& shape_;
  const Rgb background_;
  // This row and the one before.
  std::vector<uint8_t> straight_[2];
};

VipsInterpretation InterpretationOf(uint32_t channels) {
  return channels == 1   ? VIPS_INTERPRETATION_B_W
         : channels == 3 ? VIPS_INTERPRETATION_sRGB
                         : VIPS_INTERPRETATION_CMYK;
}

// Keeps a copy of the pixels.
vips::VImage ToVips(const PixelBuffer& pixels) {
  const size_t bytes = pixels.samples.size();
  void* samples = g_malloc(bytes);
  std::memcpy(samples, pixels.samples.data(), bytes);
  return vips::VImage::new_from_memory_steal(samples, bytes, static_cast<int>(pixels.width_px),
                                             static_cast<int>(pixels.height_px),
                                             static_cast<int>(pixels.channels), VIPS_FORMAT_UCHAR)
      .copy(vips::VImage::option()->set("interpretation", InterpretationOf(pixels.channels)));
}

PixelBuffer GrayToRgb(const PixelBuffer& gray) {
  PixelBuffer rgb = PixelBuffer::Make(gray.width_px, gray.height_px, 3);
  uint8_t* to = rgb.samples.data();
  for (const uint8_t sample : gray.samples) {
    for (int c = 0; c < 3; ++c) *to++ = sample;
  }
  return rgb;
}

// Hands the picture to the colour steps if they have something to do, and else to the finishing
// ones.
void Deliver(PixelBuffer pixels, Work& work) {
  if (work.colors_need_conversion) {
    work.image = ToVips(pixels);
    return;
  }
  work.buffers.push_back(pixels.channels == 1 ? GrayToRgb(pixels) : std::move(pixels));
  work.layout = SampleLayout::kRgbInterleaved;
}

}  // namespace

absl::Status DecodeRows(Work& work) {
  TESSERA_RETURN_IF_ERROR(work.rows->Start());
  OpaqueRows rows(*work.rows, work.options.background);
  const RowShape& shape = work.rows->shape();
  StripResampler resampler = MakeResampler(shape, rows.channels(), work.target);
  absl::Duration resizing;
  for (uint32_t y = 0; y < shape.height_px; ++y) {
    if (y % kRowsBetweenCancelChecks == 0) TESSERA_RETURN_IF_ERROR(work.cancelled());
    TESSERA_RETURN_IF_ERROR(rows.ReadRow(resampler.NextRows()[0]));
    const absl::Time start = absl::Now();
    resampler.Push();
    resizing += absl::Now() - start;
  }
  work.inner_times.push_back({stage::kResize, resizing});
  work.rows.reset();
  Deliver(resampler.Take(), work);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
