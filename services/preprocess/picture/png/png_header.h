// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_HEADER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_HEADER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tessera::preprocess {

enum class PngColor : uint8_t {
  kGray = 0,
  kRgb = 2,
  kPalette = 3,
  kGrayAlpha = 4,
  kRgba = 6,
};

// What a PNG file says before its pixels. The views point into the file.
struct PngHeader {
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  int bits = 8;  // Per channel, or per pixel of a palette: 1, 2, 4, 8 or 16.
  PngColor color = PngColor::kRgb;
  bool interlaced = false;
  // One colour, or some colours of the palette, are transparent.
  bool has_transparency = false;
  int orientation = 1;  // EXIF, 1 to 8.
  // The deflated ICC profile; empty when there is none.
  std::string_view deflated_profile;
  // Where the first chunk of pixels lies.
  size_t pixels_at = 0;
  // There is text or a profile, which decoders like to inflate and keep.
  bool has_metadata = false;
};

// Channels of a row as it lies in the file.
int PngChannels(PngColor color);

// Reads the chunks around the pixels, but no pixel; nothing is inflated. Errors are those of
// picture_errors.h: IMAGE_TRUNCATED, IMAGE_HEADER_CORRUPT.
absl::StatusOr<PngHeader> ReadPngHeader(std::string_view file);

// The file without everything that does not matter to its pixels: for a decoder that would
// otherwise inflate and keep texts and profiles.
std::string WithoutPngMetadata(std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_HEADER_H_
