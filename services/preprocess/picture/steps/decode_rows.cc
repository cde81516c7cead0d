// SPDX-License-Identifier: Apache-2.0
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

StripResampler MakeResampler(const RowShape& shape, uint32_t channels, OutputSize target,
                             ResizeFilter filter) {
  const ResampleSpan across{.source_samples = shape.width_px,
                            .source_extent = shape.width_extent,
                            .target_samples = target.width_px,
                            .filter = filter};
  const ResampleSpan down{.source_samples = shape.height_px,
                          .source_extent = shape.height_extent,
                          .target_samples = target.height_px,
                          .filter = filter};
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

}  // namespace

absl::Status DecodeRows(Work& work) {
  TESSERA_RETURN_IF_ERROR(work.rows->Start());
  OpaqueRows rows(*work.rows, work.options.background);
  const RowShape& shape = work.rows->shape();
  StripResampler resampler =
      MakeResampler(shape, rows.channels(), work.target, work.options.filter);
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
  work.buffers.push_back(resampler.Take());
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
