// SPDX-License-Identifier: Apache-2.0
//
// Pictures come out upright, whichever way the camera was held.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

using Encode = std::function<std::string(const Drawing&, int)>;

void ExpectUprightFromEveryOrientation(const Encode& encode, double min_psnr) {
  const Drawing scene = DrawQuadrants(240, 160);
  for (int exif = 1; exif <= 8; ++exif) {
    const auto prepared = Prepare(encode(StoredFor(scene, exif), exif), Lossless());
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_EQ(prepared->source.orientation, exif);
    EXPECT_EQ(prepared->source.width_px, exif >= 5 ? 160u : 240u) << exif;
    EXPECT_GE(Psnr(Decode(prepared->bytes), scene), min_psnr) << "orientation " << exif;
  }
}

TEST(OrientationTest, JpegIsTurnedUpright) {
  ExpectUprightFromEveryOrientation(
      [](const Drawing& d, int exif) {
        return EncodeJpeg(d, {.quality = 95, .orientation = exif});
      },
      30);
}

TEST(OrientationTest, PngIsTurnedUpright) {
  ExpectUprightFromEveryOrientation(
      [](const Drawing& d, int exif) {
        PngSpec spec;
        spec.orientation = exif;
        return EncodePng(d, spec);
      },
      99);
}

TEST(OrientationTest, WebpIsTurnedUpright) {
  ExpectUprightFromEveryOrientation(
      [](const Drawing& d, int exif) { return EncodeWebp(d, {.orientation = exif}, 90, true); },
      99);
}

TEST(OrientationTest, TiffIsTurnedUpright) {
  ExpectUprightFromEveryOrientation(
      [](const Drawing& d, int exif) { return EncodeTiff(d, {.orientation = exif}); }, 99);
}

TEST(OrientationTest, LargeJpegIsTurnedUprightAfterShrinking) {
  const Drawing scene = DrawQuadrants(3200, 2000);
  for (int exif = 1; exif <= 8; ++exif) {
    const auto prepared =
        Prepare(EncodeJpeg(StoredFor(scene, exif), {.orientation = exif}), Lossless());
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    ASSERT_EQ(prepared->width_px, 768u) << exif;
    ASSERT_EQ(prepared->height_px, 480u) << exif;
    EXPECT_GE(Psnr(Decode(prepared->bytes), DrawQuadrants(768, 480)), 30) << exif;
  }
}

TEST(OrientationTest, TransformFindsTheStoredPixelThroughScaleAndTurn) {
  const Drawing scene = DrawQuadrants(1600, 1000);
  for (int exif = 1; exif <= 8; ++exif) {
    const Drawing stored = StoredFor(scene, exif);
    const auto prepared = Prepare(EncodeJpeg(stored, {.orientation = exif}), Lossless());
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    const Drawing shown = Decode(prepared->bytes);
    for (uint32_t y = 30; y < shown.height_px(); y += 60) {
      for (uint32_t x = 30; x < shown.width_px(); x += 60) {
        const Point p = prepared->to_source.Map(Point{x + 0.5, y + 0.5});
        ASSERT_GE(p.x, 0);
        ASSERT_LT(p.x, stored.width_px());
        ASSERT_LE(Distance(shown.At(x, y),
                           stored.At(static_cast<uint32_t>(p.x), static_cast<uint32_t>(p.y))),
                  12)
            << "orientation " << exif << " at " << x << "," << y;
      }
    }
  }
}

TEST(OrientationTest, NonsenseInExifCountsAsUpright) {
  const Drawing scene = DrawQuadrants(240, 160);
  const auto prepared = Prepare(EncodeJpeg(scene, {.orientation = 9}), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->source.orientation, 1);
  EXPECT_GE(Psnr(Decode(prepared->bytes), scene), 28);
}

}  // namespace
}  // namespace tessera::preprocess
