// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/transform.h"

#include <algorithm>

#include "services/preprocess/picture/orientation.h"

namespace tessera::preprocess {
namespace {

// a * t + b, where t runs from 0 to 1 along one axis of the upright picture.
struct Axis {
  double slope;
  double offset;
};

Axis AlongSource(double source_side, bool mirrored) {
  return mirrored ? Axis{-source_side, source_side} : Axis{source_side, 0};
}

}  // namespace

Point Transform::Map(Point prepared) const {
  return {xx * prepared.x + xy * prepared.y + x0, yx * prepared.x + yy * prepared.y + y0};
}

Box Transform::Map(const Box& prepared) const {
  const Point a = Map(Point{prepared.left, prepared.top});
  const Point b = Map(Point{prepared.right, prepared.bottom});
  return {std::min(a.x, b.x), std::min(a.y, b.y), std::max(a.x, b.x), std::max(a.y, b.y)};
}

Transform MakeTransform(uint32_t source_width_px, uint32_t source_height_px, int orientation,
                        const Placement& placement) {
  const Orientation map = OrientationFromExif(orientation);
  const Axis to_x = AlongSource(source_width_px, map.mirror_x);
  const Axis to_y = AlongSource(source_height_px, map.mirror_y);
  // u = (x - left) / width and v = (y - top) / height run from 0 to 1 over the upright picture.
  const double u_scale = 1.0 / placement.width_px;
  const double v_scale = 1.0 / placement.height_px;
  const double u_offset = -u_scale * placement.left_px;
  const double v_offset = -v_scale * placement.top_px;
  Transform t;
  if (map.swap_axes) {
    t = {.xx = 0,
         .xy = to_x.slope * v_scale,
         .x0 = to_x.slope * v_offset + to_x.offset,
         .yx = to_y.slope * u_scale,
         .yy = 0,
         .y0 = to_y.slope * u_offset + to_y.offset};
  } else {
    t = {.xx = to_x.slope * u_scale,
         .xy = 0,
         .x0 = to_x.slope * u_offset + to_x.offset,
         .yx = 0,
         .yy = to_y.slope * v_scale,
         .y0 = to_y.slope * v_offset + to_y.offset};
  }
  return t;
}

}  // namespace tessera::preprocess
