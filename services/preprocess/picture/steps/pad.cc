// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/ycbcr.h"

namespace tessera::preprocess {

absl::Status Pad(Work& work) {
  const uint32_t width = work.buffers[0].width_px;
  const uint32_t height = work.buffers[0].height_px;
  const Rgb& background = work.options.background;
  const std::array<uint8_t, 3> fill =
      work.layout == SampleLayout::kYcbcrPlanar
          ? ToYcbcr(background)
          : std::array<uint8_t, 3>{background.red, background.green, background.blue};
  // One buffer takes all three values, each of three planes takes its own.
  for (size_t i = 0; i < work.buffers.size(); ++i) {
    work.buffers[i] = PadToSide(std::move(work.buffers[i]), kMinPreparedSidePx, fill.data() + i);
  }
  PreparedPicture& result = work.result;
  result.width_px = work.buffers[0].width_px;
  result.height_px = work.buffers[0].height_px;
  const Placement placement{.left_px = (result.width_px - width) / 2,
                            .top_px = (result.height_px - height) / 2,
                            .width_px = width,
                            .height_px = height};
  result.to_source = MakeTransform(result.source.width_px, result.source.height_px,
                                   result.source.orientation, placement);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
