// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/transform.h"

#include <gtest/gtest.h>

#include "services/preprocess/picture/pixel_buffer.h"

namespace tessera::preprocess {
namespace {

TEST(TransformTest, ScalesAndRemovesPadding) {
  const Transform t =
      MakeTransform(4000, 80, 1, {.left_px = 0, .top_px = 8, .width_px = 800, .height_px = 16});
  const Box box = t.Map(Box{400, 8, 800, 24});
  EXPECT_DOUBLE_EQ(box.left, 2000);
  EXPECT_DOUBLE_EQ(box.top, 0);
  EXPECT_DOUBLE_EQ(box.right, 4000);
  EXPECT_DOUBLE_EQ(box.bottom, 80);
}

TEST(TransformTest, LeadsEveryUprightPixelToTheStoredPixelItCameFrom) {
  // Nine distinct pixels in 3 columns and 2 rows more than square, so that nothing can be
  // swapped unnoticed.
  PixelBuffer stored = PixelBuffer::Make(5, 3, 1);
  for (size_t i = 0; i < stored.samples.size(); ++i) stored.samples[i] = static_cast<uint8_t>(i);
  for (int exif = 1; exif <= 8; ++exif) {
    const PixelBuffer upright = TurnUpright(stored, exif);
    const Transform t =
        MakeTransform(5, 3, exif, {.width_px = upright.width_px, .height_px = upright.height_px});
    for (uint32_t y = 0; y < upright.height_px; ++y) {
      for (uint32_t x = 0; x < upright.width_px; ++x) {
        const Point p = t.Map(Point{x + 0.5, y + 0.5});
        ASSERT_EQ(*upright.Pixel(x, y),
                  *stored.Pixel(static_cast<uint32_t>(p.x), static_cast<uint32_t>(p.y)))
            << "orientation " << exif << " at " << x << "," << y;
      }
    }
  }
}

TEST(TransformTest, MapsBoxesSoThatLeftStaysLeftOfRight) {
  const Transform t = MakeTransform(4000, 3000, 8, {.width_px = 576, .height_px = 768});
  const Box box = t.Map(Box{0, 0, 288, 768});
  EXPECT_LE(box.left, box.right);
  EXPECT_LE(box.top, box.bottom);
  EXPECT_DOUBLE_EQ((box.right - box.left) * (box.bottom - box.top), 4000.0 * 3000 / 2);
}

}  // namespace
}  // namespace tessera::preprocess
