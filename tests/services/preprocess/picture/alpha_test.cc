// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/profiles.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

// Opaque on the left half, transparent on the right.
std::vector<uint8_t> LeftHalfOpaque(uint32_t width, uint32_t height) {
  std::vector<uint8_t> alpha(size_t{width} * height, 0);
  for (size_t i = 0; i < alpha.size(); ++i) alpha[i] = i % width < width / 2 ? 255 : 0;
  return alpha;
}

TEST(AlphaTest, TransparentPixelsShowTheBackground) {
  const RasterSpec spec{.alpha = LeftHalfOpaque(64, 64)};
  PngSpec png;
  png.alpha = spec.alpha;
  PngSpec deep = png;
  deep.bits_per_channel = 16;
  const Drawing red(64, 64, kRed);
  PictureOptions options = Lossless();
  options.background = {10, 20, 30};
  for (const std::string& file : {EncodePng(red, png), EncodePng(red, deep),
                                  EncodeWebp(red, spec, 90, true), EncodeTiff(red, spec)}) {
    const auto prepared = Prepare(file, options);
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_TRUE(prepared->source.has_alpha);
    const Drawing shown = Decode(prepared->bytes);
    EXPECT_EQ(shown.At(10, 32), kRed);
    EXPECT_EQ(shown.At(50, 32), (Color{10, 20, 30}));
  }
}

TEST(AlphaTest, BackgroundIsWhiteUnlessSaidOtherwise) {
  PngSpec png;
  png.alpha.assign(64 * 64, 0);
  const auto prepared = Prepare(EncodePng(Drawing(64, 64, kBlue), png), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(Decode(prepared->bytes).At(32, 32), kWhite);
}

TEST(AlphaTest, HalfTransparentIsHalfway) {
  PngSpec png;
  png.alpha.assign(64 * 64, 128);
  const auto prepared = Prepare(EncodePng(Drawing(64, 64, {0, 100, 200}), png), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_LE(Distance(Decode(prepared->bytes).At(32, 32), {127, 177, 227}), 1);
}

TEST(AlphaTest, HiddenColorsDoNotBleedWhenResized) {
  // White on the opaque half, black hidden under the transparent one: a resampler that does not
  // premultiply leaves a dark seam.
  Drawing drawing(1600, 64, kWhite);
  drawing.FillRectangle(800, 0, 1600, 64, {0, 0, 0});
  for (int bits : {8, 16}) {
    PngSpec png;
    png.alpha = LeftHalfOpaque(1600, 64);
    png.bits_per_channel = bits;
    const auto prepared = Prepare(EncodePng(drawing, png), Lossless());
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    const Drawing shown = Decode(prepared->bytes);
    for (uint32_t x = 0; x < shown.width_px(); ++x) {
      ASSERT_GE(shown.At(x, shown.height_px() / 2).red, 253) << bits << " bits at " << x;
    }
  }
}

TEST(AlphaTest, GrayWithAlphaIsFlattened) {
  PngSpec png;
  png.gray = true;
  png.alpha = LeftHalfOpaque(64, 64);
  const auto prepared = Prepare(EncodePng(Drawing(64, 64, {80, 80, 80}), png), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const Drawing shown = Decode(prepared->bytes);
  EXPECT_LE(Distance(shown.At(10, 32), {80, 80, 80}), 1);
  EXPECT_EQ(shown.At(50, 32), kWhite);
}

TEST(AlphaTest, PaletteWithTransparencyIsFlattened) {
  PngSpec png;
  png.palette_bits = 8;
  png.alpha = LeftHalfOpaque(64, 64);
  const auto prepared = Prepare(EncodePng(Drawing(64, 64, kRed), png), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const Drawing shown = Decode(prepared->bytes);
  EXPECT_LE(Distance(shown.At(10, 32), kRed), 3);
  EXPECT_EQ(shown.At(50, 32), kWhite);
}

TEST(AlphaTest, AlphaAndProfileGoTogether) {
  const std::string profile = DisplayP3Profile();
  PngSpec png;
  png.icc_profile = profile;
  png.alpha = LeftHalfOpaque(64, 64);
  const auto prepared = Prepare(EncodePng(Drawing(64, 64, {90, 140, 210}), png), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const Drawing shown = Decode(prepared->bytes);
  EXPECT_LE(DeltaE2000(shown.At(10, 32), ToSrgb(profile, {90, 140, 210})), 1.0);
  EXPECT_EQ(shown.At(50, 32), kWhite);
}

}  // namespace
}  // namespace tessera::preprocess
