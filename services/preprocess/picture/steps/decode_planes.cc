// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture/resample/resample_kernels.h"
#include "services/preprocess/picture/resample/strip_resampler.h"
#include "services/preprocess/picture/rows/plane_source.h"
#include "services/preprocess/picture/stage_times.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

std::unique_ptr<StripResampler> MakeResampler(const PlaneShape& plane, OutputSize target,
                                              ResizeFilter filter) {
  const ResampleSpan across{.source_samples = plane.width_px,
                            .source_extent = plane.width_extent,
                            .target_samples = target.width_px,
                            .half_density = plane.half_width,
                            .range = plane.range,
                            .filter = filter};
  const ResampleSpan down{.source_samples = plane.height_px,
                          .source_extent = plane.height_extent,
                          .target_samples = target.height_px,
                          .half_density = plane.half_height,
                          .filter = filter};
  return std::make_unique<StripResampler>(across, down, plane.row_samples, 1, plane.rows_per_read,
                                          BestKernels());
}

// A plane that is the same everywhere: the chroma of a gray picture.
PixelBuffer NeutralPlane(OutputSize size) {
  return {size.width_px, size.height_px, 1,
          std::vector<uint8_t>(size_t{size.width_px} * size.height_px, 128)};
}

}  // namespace

absl::Status DecodePlanes(Work& work) {
  PlaneSource& source = *work.planes;
  TESSERA_RETURN_IF_ERROR(source.Start());
  std::vector<std::unique_ptr<StripResampler>> resamplers;
  for (size_t i = 0; i < source.plane_count(); ++i) {
    resamplers.push_back(MakeResampler(source.plane(i), work.target, work.options.filter));
  }
  absl::Duration resizing;
  while (!source.Done()) {
    uint8_t** rows[3] = {};
    for (size_t i = 0; i < resamplers.size(); ++i) rows[i] = resamplers[i]->NextRows();
    TESSERA_RETURN_IF_ERROR(source.ReadRows(rows));
    const absl::Time start = absl::Now();
    for (auto& resampler : resamplers) resampler->Push();
    resizing += absl::Now() - start;
  }
  for (auto& resampler : resamplers) work.buffers.push_back(resampler->Take());
  while (work.buffers.size() < 3) work.buffers.push_back(NeutralPlane(work.target));
  work.layout = SampleLayout::kYcbcrPlanar;
  work.inner_times.push_back({stage::kResize, resizing});
  work.planes.reset();
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
