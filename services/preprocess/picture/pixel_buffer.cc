// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/pixel_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "services/preprocess/picture/orientation.h"

namespace tessera::preprocess {
namespace {

// Copies one row of `out` from samples that lie `step` bytes apart. The channel count is a
// template parameter so that the inner copy is one or three moves, not a call.
template <int kChannels>
void GatherRow(const uint8_t* from, std::ptrdiff_t step, uint32_t pixels, uint8_t* to) {
  for (uint32_t i = 0; i < pixels; ++i, from += step, to += kChannels) {
    for (int c = 0; c < kChannels; ++c) to[c] = from[c];
  }
}

}  // namespace

PixelBuffer TurnUpright(PixelBuffer picture, int exif) {
  const Orientation map = OrientationFromExif(exif);
  if (map.IsUpright()) return picture;
  PixelBuffer out = map.swap_axes
                        ? PixelBuffer::Make(picture.height_px, picture.width_px, picture.channels)
                        : PixelBuffer::Make(picture.width_px, picture.height_px, picture.channels);
  const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(picture.RowBytes());
  const std::ptrdiff_t step_x = map.mirror_x ? -static_cast<std::ptrdiff_t>(picture.channels)
                                             : static_cast<std::ptrdiff_t>(picture.channels);
  const std::ptrdiff_t step_y = map.mirror_y ? -row : row;
  const uint8_t* first = picture.Pixel(map.mirror_x ? picture.width_px - 1 : 0,
                                       map.mirror_y ? picture.height_px - 1 : 0);
  const std::ptrdiff_t along = map.swap_axes ? step_y : step_x;
  const std::ptrdiff_t across = map.swap_axes ? step_x : step_y;
  for (uint32_t y = 0; y < out.height_px; ++y) {
    const uint8_t* from = first + across * static_cast<std::ptrdiff_t>(y);
    if (picture.channels == 1) {
      GatherRow<1>(from, along, out.width_px, out.Pixel(0, y));
    } else {
      GatherRow<3>(from, along, out.width_px, out.Pixel(0, y));
    }
  }
  return out;
}

PixelBuffer PlaceOnCanvas(PixelBuffer picture, OutputSize canvas, uint32_t left_px, uint32_t top_px,
                          const uint8_t* fill) {
  if (picture.width_px == canvas.width_px && picture.height_px == canvas.height_px) return picture;
  PixelBuffer out = PixelBuffer::Make(canvas.width_px, canvas.height_px, picture.channels);
  for (size_t i = 0; i < out.samples.size(); ++i) out.samples[i] = fill[i % out.channels];
  for (uint32_t y = 0; y < picture.height_px; ++y) {
    std::memcpy(out.Pixel(left_px, top_px + y), picture.Pixel(0, y), picture.RowBytes());
  }
  return out;
}

}  // namespace tessera::preprocess
