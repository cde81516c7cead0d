// SPDX-License-Identifier: Apache-2.0
//
// The name of a prepared picture: equal digests mean that an engine is shown equal pixels.
//
// SHA-256 over a 16-byte preamble and the final samples exactly as they were handed to the
// encoder. The preamble, integers little-endian:
//
//   bytes 0-3    'T' 'P' 'X' and the version of this definition, 1
//   byte  4      layout: 0 = sRGB, interleaved; 1 = full-range BT.601 Y, Cb, Cr (JFIF), one whole
//                plane after the other, all of full size
//   byte  5      0 when the encoding is lossless, otherwise the JPEG quality, 1 to 100
//   bytes 6-7    0
//   bytes 8-11   width in pixels
//   bytes 12-15  height in pixels
//
// The layout is part of the name because the JPEG fast path never sees RGB: converting merely to
// name it would cost more than the hash. A file takes the same path every time, so the same file
// with the same options always has the same digest.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_DIGEST_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_DIGEST_H_

#include <cstdint>
#include <span>
#include <string>

namespace tessera::preprocess {

enum class SampleLayout : uint8_t { kRgbInterleaved = 0, kYcbcrPlanar = 1 };

// Lower-case hex, 64 characters. `lossy_quality` is 0 for a lossless encoding. `blocks` are the
// samples in order: one block of RGB, or the three planes.
std::string PixelDigest(SampleLayout layout, uint32_t lossy_quality, uint32_t width_px,
                        uint32_t height_px, std::span<const std::span<const uint8_t>> blocks);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PIXEL_DIGEST_H_
