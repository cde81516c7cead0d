// SPDX-License-Identifier: Apache-2.0
//
// The way back from a prepared picture to the file it came from.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_TRANSFORM_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_TRANSFORM_H_

#include <cstdint>

namespace tessera::preprocess {

// Coordinates are continuous: (0, 0) is the outer corner of the top left pixel, (width, height)
// that of the bottom right one; the centre of pixel (i, j) is (i + 0.5, j + 0.5).
struct Point {
  double x = 0;
  double y = 0;
};

// left <= right, top <= bottom.
struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

// Maps prepared coordinates to pixels of the original as stored in the file, before its EXIF
// orientation is applied: scale, padding and orientation in one affine map
//   x' = xx * x + xy * y + x0
//   y' = yx * x + yy * y + y0
struct Transform {
  double xx = 1, xy = 0, x0 = 0;
  double yx = 0, yy = 1, y0 = 0;

  Point Map(Point prepared) const;

  // The smallest box around the mapped corners; exact, because only quarter turns occur. A box
  // that reaches into the padding reaches outside the original: clip it to the original's sides.
  Box Map(const Box& prepared) const;
};

// Where the upright picture lies within the prepared one, in pixels.
struct Placement {
  uint32_t left_px = 0;
  uint32_t top_px = 0;
  uint32_t width_px = 0;
  uint32_t height_px = 0;

  friend bool operator==(const Placement&, const Placement&) = default;
};

// The transform of a picture whose original is `source_width_px` x `source_height_px` as stored,
// has EXIF orientation `orientation` (1 to 8), and was scaled to fill `placement`.
Transform MakeTransform(uint32_t source_width_px, uint32_t source_height_px, int orientation,
                        const Placement& placement);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_TRANSFORM_H_
