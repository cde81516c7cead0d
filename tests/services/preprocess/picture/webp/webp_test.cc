// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "services/preprocess/picture/webp/webp_header.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/profiles.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

RasterSpec WithOrientation(int orientation) {
  RasterSpec spec;
  spec.orientation = orientation;
  return spec;
}

TEST(WebpTest, HeaderTellsWhatTheFileIs) {
  const Drawing drawing = DrawGradient(201, 99);
  RasterSpec with_alpha;
  with_alpha.alpha.assign(201 * 99, 77);
  RasterSpec with_profile = WithOrientation(6);
  with_profile.icc_profile = DisplayP3Profile();
  const auto plain = ReadStillWebpHeader(EncodeWebp(drawing));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->width_px, 201);
  EXPECT_EQ(plain->height_px, 99);
  EXPECT_FALSE(plain->lossless);
  EXPECT_FALSE(plain->has_alpha);
  EXPECT_TRUE(ReadStillWebpHeader(EncodeWebp(drawing, {}, 75, true))->lossless);
  EXPECT_TRUE(ReadStillWebpHeader(EncodeWebp(drawing, with_alpha))->has_alpha);
  const std::string file = EncodeWebp(drawing, with_profile);
  EXPECT_EQ(ReadStillWebpHeader(file)->orientation, 6);
  EXPECT_EQ(ReadStillWebpHeader(file)->icc_profile, DisplayP3Profile());
  EXPECT_FALSE(ReadStillWebpHeader(EncodeAnimatedWebp({drawing, DrawChart(201, 99)})));
  EXPECT_FALSE(ReadStillWebpHeader("RIFF"));
}

TEST(WebpTest, PlanesAndPixelsShowTheSamePicture) {
  for (const auto& [width, height] : {std::pair{1u, 1u}, {2u, 3u}, {33u, 17u}, {801u, 603u}}) {
    const std::string file = EncodeWebp(DrawGradient(width, height), {}, 95);
    const auto sent = Prepare(file, {.jpeg_quality = 100});
    const auto pixels = Prepare(file, Lossless());
    ASSERT_TRUE(sent.ok() && pixels.ok()) << sent.status() << pixels.status();
    EXPECT_GE(Psnr(Decode(sent->bytes), Decode(pixels->bytes)), 42) << width << "x" << height;
  }
}

TEST(WebpTest, BlackStaysBlackAndWhiteStaysWhite) {
  for (const Color color : {Color{0, 0, 0}, Color{255, 255, 255}, Color{128, 128, 128}}) {
    const auto sent = Prepare(EncodeWebp(Drawing(1000, 800, color), {}, 95), {.jpeg_quality = 100});
    ASSERT_TRUE(sent.ok()) << sent.status();
    EXPECT_LE(Distance(Decode(sent->bytes).At(300, 300), color), 1);
  }
}

TEST(WebpTest, EveryCutIsRefusedAsTruncated) {
  for (const std::string& file :
       {EncodeWebp(DrawPhoto(160, 120)), EncodeWebp(DrawPhoto(160, 120), {}, 75, true)}) {
    for (size_t bytes = 12; bytes < file.size() - 1; bytes += 1 + bytes / 16) {
      const std::string refusal = RefusalOf(file.substr(0, bytes));
      EXPECT_TRUE(refusal == "IMAGE_TRUNCATED" || refusal == "IMAGE_HEADER_CORRUPT")
          << bytes << " of " << file.size() << ": " << refusal;
    }
  }
}

TEST(WebpTest, AFrameOfAStillPictureIsTheFirst) {
  EXPECT_EQ(RefusalOf(EncodeWebp(DrawGradient(64, 64)), {.frame = 1}), "IMAGE_FRAME_NOT_FOUND");
}

}  // namespace
}  // namespace tessera::preprocess
