// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "services/preprocess/picture/steps/steps.h"
#include "services/preprocess/picture/ycbcr.h"

namespace tessera::preprocess {

absl::Status Pad(Work& work) {
  const Rgb& background = work.options.background;
  const std::array<uint8_t, 3> fill =
      work.layout == SampleLayout::kYcbcrPlanar
          ? ToYcbcr(background)
          : std::array<uint8_t, 3>{background.red, background.green, background.blue};
  const SizePlan& size = work.size;
  // One buffer takes all three values, each of three planes takes its own.
  for (size_t i = 0; i < work.buffers.size(); ++i) {
    work.buffers[i] = PlaceOnCanvas(std::move(work.buffers[i]), size.canvas, size.content.left_px,
                                    size.content.top_px, fill.data() + i);
  }
  PreparedPicture& result = work.result;
  result.width_px = size.canvas.width_px;
  result.height_px = size.canvas.height_px;
  result.content = size.content;
  result.to_source = MakeTransform(result.source.width_px, result.source.height_px,
                                   result.source.orientation, size.content);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
