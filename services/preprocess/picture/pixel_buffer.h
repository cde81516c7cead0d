// SPDX-License-Identifier: Apache-2.0
//
// Pixels at rest: what the steps after decoding work on.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_BUFFER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "services/preprocess/picture/output_size.h"

namespace tessera::preprocess {

// 8-bit samples, interleaved, rows from top to bottom without gaps. Three channels are sRGB; one
// channel is a plane of something.
struct PixelBuffer {
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  uint32_t channels = 0;
  std::vector<uint8_t> samples;

  static PixelBuffer Make(uint32_t width_px, uint32_t height_px, uint32_t channels) {
    return {width_px, height_px, channels,
            std::vector<uint8_t>(size_t{width_px} * height_px * channels)};
  }

  size_t RowBytes() const { return size_t{width_px} * channels; }
  uint8_t* Pixel(uint32_t x, uint32_t y) {
    return samples.data() + y * RowBytes() + size_t{x} * channels;
  }
  const uint8_t* Pixel(uint32_t x, uint32_t y) const {
    return samples.data() + y * RowBytes() + size_t{x} * channels;
  }
};

// What the buffers of a finished picture hold.
enum class SampleLayout {
  kRgbInterleaved,  // One buffer: sRGB.
  kYcbcrPlanar,     // Three buffers: full-range BT.601 Y, Cb and Cr (JFIF), all of full size.
};

// The same picture turned upright. `exif` is its EXIF orientation, 1 to 8.
PixelBuffer TurnUpright(PixelBuffer picture, int exif);

// `picture` with its top left corner at (left_px, top_px) of a canvas that it must lie within.
// `fill`, one value per channel, shows around it. Returns the picture itself when it covers the
// canvas.
PixelBuffer PlaceOnCanvas(PixelBuffer picture, OutputSize canvas, uint32_t left_px, uint32_t top_px,
                          const uint8_t* fill);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_BUFFER_H_
