// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/preprocess/picture/jpeg/jpeg_rows.h"
#include "services/preprocess/picture/resample/resample_kernels.h"
#include "services/preprocess/picture/resample/strip_resampler.h"
#include "services/preprocess/picture/stage_times.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

absl::Status FailureOf(const Work& work) { return JpegFailureStatus(*work.jpeg, work.file.size()); }

std::unique_ptr<StripResampler> MakeResampler(const JpegPlane& plane, OutputSize target) {
  const ResampleSpan across{.source_samples = plane.width_px,
                            .source_extent = plane.width_extent,
                            .target_samples = target.width_px,
                            .half_density = plane.half_width};
  const ResampleSpan down{.source_samples = plane.height_px,
                          .source_extent = plane.height_extent,
                          .target_samples = target.height_px,
                          .half_density = plane.half_height};
  return std::make_unique<StripResampler>(across, down, plane.row_samples, 1, plane.rows_per_read,
                                          BestKernels());
}

// A plane that is the same everywhere: the chroma of a gray picture.
PixelBuffer NeutralPlane(OutputSize size) {
  return {size.width_px, size.height_px, 1,
          std::vector<uint8_t>(size_t{size.width_px} * size.height_px, 128)};
}

}  // namespace

absl::Status DecodeJpegPlanes(Work& work) {
  JpegDecoder& jpeg = *work.jpeg;
  if (!jpeg.Start(work.result.plan.shrink_on_load)) return FailureOf(work);
  std::vector<std::unique_ptr<StripResampler>> resamplers;
  for (int i = 0; i < jpeg.plane_count(); ++i) {
    resamplers.push_back(MakeResampler(jpeg.plane(i), work.target));
  }
  absl::Duration resizing;
  while (!jpeg.Done()) {
    uint8_t** rows[3] = {};
    for (size_t i = 0; i < resamplers.size(); ++i) rows[i] = resamplers[i]->NextRows();
    if (!jpeg.ReadRows(rows)) return FailureOf(work);
    const absl::Time start = absl::Now();
    for (auto& resampler : resamplers) resampler->Push();
    resizing += absl::Now() - start;
  }
  for (auto& resampler : resamplers) work.buffers.push_back(resampler->Take());
  while (work.buffers.size() < 3) work.buffers.push_back(NeutralPlane(work.target));
  work.layout = SampleLayout::kYcbcrPlanar;
  work.inner_times.push_back({stage::kResize, resizing});
  work.jpeg.reset();
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
