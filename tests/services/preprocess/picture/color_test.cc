// SPDX-License-Identifier: Apache-2.0
//
// Whatever colours a file is in, sRGB comes out; LittleCMS is the judge.
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

constexpr Color kPatches[] = {{200, 40, 40},   {40, 200, 40}, {40, 40, 200},   {128, 128, 128},
                              {250, 250, 250}, {12, 12, 12},  {220, 180, 150}, {90, 140, 210},
                              {60, 90, 60},    {245, 220, 40}};

Drawing Patches() {
  Drawing drawing(std::size(kPatches) * 64, 64, kWhite);
  for (uint32_t i = 0; i < std::size(kPatches); ++i) {
    drawing.FillRectangle(i * 64, 0, i * 64 + 64, 64, kPatches[i]);
  }
  return drawing;
}

// The colours in the middle of the patches, after preparation.
std::vector<Color> PreparedPatches(const std::string& file) {
  const auto prepared = Prepare(file, Lossless());
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  if (!prepared.ok()) return std::vector<Color>(std::size(kPatches));
  const Drawing shown = Decode(prepared->bytes);
  std::vector<Color> colors;
  for (uint32_t i = 0; i < std::size(kPatches); ++i) colors.push_back(shown.At(i * 64 + 32, 32));
  return colors;
}

TEST(ColorTest, RgbProfilesAreConvertedAsLittleCmsDoes) {
  for (const std::string& profile : {DisplayP3Profile(), AdobeRgbProfile(), ProPhotoProfile()}) {
    PngSpec png;
    png.icc_profile = profile;
    const std::vector<Color> shown = PreparedPatches(EncodePng(Patches(), png));
    for (size_t i = 0; i < shown.size(); ++i) {
      EXPECT_LE(DeltaE2000(shown[i], ToSrgb(profile, kPatches[i])), 1.0) << "patch " << i;
    }
  }
}

TEST(ColorTest, JpegWithAProfileIsConverted) {
  const std::string profile = DisplayP3Profile();
  const std::vector<Color> shown =
      PreparedPatches(EncodeJpeg(Patches(), {.quality = 98, .icc_profile = profile}));
  for (size_t i = 0; i < shown.size(); ++i) {
    EXPECT_LE(DeltaE2000(shown[i], ToSrgb(profile, kPatches[i])), 2.0) << "patch " << i;
  }
}

TEST(ColorTest, SrgbProfileChangesNothing) {
  PngSpec png;
  png.icc_profile = SrgbProfile();
  EXPECT_EQ(Prepare(EncodePng(Patches(), png), Lossless())->pixel_digest,
            Prepare(EncodePng(Patches()), Lossless())->pixel_digest);
}

TEST(ColorTest, BrokenOrForeignProfilesAreIgnored) {
  const std::string plain = Prepare(EncodePng(Patches()), Lossless())->pixel_digest;
  for (const std::string& profile :
       {DisplayP3Profile().substr(0, 200), GrayProfile(2.2), std::string(500, 'x')}) {
    PngSpec png;
    png.icc_profile = profile;
    const auto prepared = Prepare(EncodePng(Patches(), png), Lossless());
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_EQ(prepared->pixel_digest, plain);
  }
}

TEST(ColorTest, GrayBecomesEqualRedGreenAndBlue) {
  const Drawing drawing = DrawGradient(256, 64);
  PngSpec png;
  png.gray = true;
  for (const std::string& file :
       {EncodePng(drawing, png), EncodeJpeg(drawing, {.color = JpegColor::kGray})}) {
    const auto prepared = Prepare(file, Lossless());
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_EQ(prepared->source.color_space, ColorSpace::kGray);
    EXPECT_EQ(prepared->source.channels, 1);
    const Color middle = Decode(prepared->bytes).At(128, 32);
    EXPECT_EQ(middle.red, middle.green);
    EXPECT_EQ(middle.red, middle.blue);
  }
}

TEST(ColorTest, GrayProfileIsApplied) {
  const std::string profile = GrayProfile(1.0);
  PngSpec png;
  png.gray = true;
  png.icc_profile = profile;
  const auto prepared = Prepare(EncodePng(Drawing(64, 64, {100, 100, 100}), png), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_LE(Distance(Decode(prepared->bytes).At(32, 32), ToSrgb(profile, {100, 100, 100})), 2);
}

TEST(ColorTest, SixteenBitsKeepTheirValue) {
  PngSpec png;
  png.bits_per_channel = 16;
  const std::vector<Color> shown = PreparedPatches(EncodePng(Patches(), png));
  for (size_t i = 0; i < shown.size(); ++i) EXPECT_EQ(shown[i], kPatches[i]) << i;
}

TEST(ColorTest, CmykIsTheSamePictureHoweverTheJpegStoresIt) {
  // Printing inks cannot show every colour of a screen, so only the order of things is known
  // without a profile: red stays reddest, white stays white, and all three ways agree.
  const std::vector<Color> marked =
      PreparedPatches(EncodeJpeg(Patches(), {.quality = 98, .color = JpegColor::kCmyk}));
  const std::vector<Color> unmarked =
      PreparedPatches(EncodeJpeg(Patches(), {.quality = 98, .color = JpegColor::kCmykUnmarked}));
  const std::vector<Color> ycck =
      PreparedPatches(EncodeJpeg(Patches(), {.quality = 98, .color = JpegColor::kYcck}));
  for (size_t i = 0; i < marked.size(); ++i) {
    EXPECT_LE(Distance(marked[i], unmarked[i]), 4) << i;
    EXPECT_LE(Distance(ycck[i], unmarked[i]), 8) << i;
  }
  EXPECT_GT(marked[0].red, marked[0].green + 60);
  EXPECT_GT(marked[1].green, marked[1].red + 60);
  EXPECT_GT(marked[2].blue, marked[2].red + 20);
  EXPECT_LE(Distance(marked[4], {250, 250, 250}), 12);
}

TEST(ColorTest, CmykTiffIsConverted) {
  const std::vector<Color> tiff = PreparedPatches(EncodeCmykTiff(Patches()));
  const std::vector<Color> jpeg =
      PreparedPatches(EncodeJpeg(Patches(), {.quality = 98, .color = JpegColor::kCmyk}));
  for (size_t i = 0; i < tiff.size(); ++i) EXPECT_LE(Distance(tiff[i], jpeg[i]), 4) << i;
}

TEST(ColorTest, PaletteOfEveryDepthIsExpanded) {
  Drawing two_colors(64, 64, kWhite);
  two_colors.FillRectangle(0, 0, 32, 64, kRed);
  for (int bits : {1, 2, 4, 8}) {
    PngSpec png;
    png.palette_bits = bits;
    const auto prepared = Prepare(EncodePng(two_colors, png), Lossless());
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_LE(Distance(Decode(prepared->bytes).At(10, 32), kRed), 3) << bits;
    EXPECT_LE(Distance(Decode(prepared->bytes).At(50, 32), kWhite), 3) << bits;
  }
}

}  // namespace
}  // namespace tessera::preprocess
