// SPDX-License-Identifier: Apache-2.0
//
// Every accepted format goes in, and what comes out is what was drawn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/status/error.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.
using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  std::string name;
  std::function<std::string(const Drawing&)> encode;
  PictureFormat format;
  double min_psnr;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class FormatsTest : public ::testing::TestWithParam<Case> {};

TEST_P(FormatsTest, ComesOutAsItWasDrawn) {
  const Drawing drawing = DrawGradient(640, 480);
  const auto prepared = Prepare(GetParam().encode(drawing), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->source.format, GetParam().format);
  EXPECT_EQ(prepared->source.width_px, 640u);
  EXPECT_EQ(prepared->source.height_px, 480u);
  EXPECT_EQ(prepared->width_px, 640u);
  EXPECT_GE(Psnr(Decode(prepared->bytes), drawing), GetParam().min_psnr);
}

TEST_P(FormatsTest, IsReducedTo768AndWrittenAsPlainJpeg) {
  const auto prepared = Prepare(GetParam().encode(DrawGradient(1000, 750)));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->width_px, 768u);
  EXPECT_EQ(prepared->height_px, 576u);
  EXPECT_EQ(prepared->encoding, PictureEncoding::kJpeg);
  EXPECT_EQ(prepared->plan.kernel, "lanczos3");
  EXPECT_GE(Psnr(Decode(prepared->bytes), DrawGradient(768, 576)),
            std::min(GetParam().min_psnr, 36.0));
  EXPECT_EQ(prepared->bytes.substr(0, 3), "\xFF\xD8\xFF");
  EXPECT_THAT(prepared->bytes, Not(HasSubstr("Exif")));
  EXPECT_THAT(prepared->bytes, Not(HasSubstr("ICC_PROFILE")));
}

INSTANTIATE_TEST_SUITE_P(
    All, FormatsTest,
    ::testing::Values(
        Case{"Jpeg", [](const Drawing& d) { return EncodeJpeg(d); }, PictureFormat::kJpeg, 38},
        Case{"JpegProgressive",
             [](const Drawing& d) { return EncodeJpeg(d, {.progressive = true}); },
             PictureFormat::kJpeg, 38},
        Case{"Jpeg444",
             [](const Drawing& d) { return EncodeJpeg(d, {.subsampling = Subsampling::k444}); },
             PictureFormat::kJpeg, 38},
        Case{"Jpeg410",
             [](const Drawing& d) { return EncodeJpeg(d, {.subsampling = Subsampling::k410}); },
             PictureFormat::kJpeg, 35},
        Case{"JpegRgb", [](const Drawing& d) { return EncodeJpeg(d, {.color = JpegColor::kRgb}); },
             PictureFormat::kJpeg, 35},
        Case{"Png", [](const Drawing& d) { return EncodePng(d); }, PictureFormat::kPng, 99},
        Case{"PngInterlaced",
             [](const Drawing& d) {
               PngSpec spec;
               spec.interlaced = true;
               return EncodePng(d, spec);
             },
             PictureFormat::kPng, 99},
        Case{"Png16Bit",
             [](const Drawing& d) {
               PngSpec spec;
               spec.bits_per_channel = 16;
               return EncodePng(d, spec);
             },
             PictureFormat::kPng, 99},
        Case{"WebpLossy", [](const Drawing& d) { return EncodeWebp(d); }, PictureFormat::kWebp, 35},
        Case{"WebpLossless", [](const Drawing& d) { return EncodeWebp(d, {}, 90, true); },
             PictureFormat::kWebp, 99},
        Case{"Gif", EncodeGif, PictureFormat::kGif, 25},
        Case{"Tiff", [](const Drawing& d) { return EncodeTiff(d); }, PictureFormat::kTiff, 99},
        Case{"Tiff16Bit", [](const Drawing& d) { return EncodeTiff(d, {.bits_per_channel = 16}); },
             PictureFormat::kTiff, 99},
        Case{"Avif", [](const Drawing& d) { return EncodeAvif(d); }, PictureFormat::kAvif, 35}),
    [](const auto& test) { return test.param.name; });

TEST(HeicTest, ComesOutAsItWasDrawn) {
  if (!CanEncodeHeic()) GTEST_SKIP() << "no HEVC encoder here";
  const Drawing drawing = DrawGradient(640, 480);
  const auto prepared = Prepare(EncodeHeic(drawing), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->source.format, PictureFormat::kHeic);
  EXPECT_GE(Psnr(Decode(prepared->bytes), drawing), 35);
}

TEST(FramesTest, TheFirstFrameIsTakenUnlessAnotherIsAskedFor) {
  const std::vector<Drawing> frames = {Drawing(96, 64, kRed), Drawing(96, 64, kGreen),
                                       Drawing(96, 64, kBlue)};
  const Color expected[] = {kRed, kGreen, kBlue};
  for (const std::string& file :
       {EncodeAnimatedGif(frames), EncodeAnimatedWebp(frames), EncodeMultiPageTiff(frames)}) {
    for (uint32_t frame = 0; frame < 3; ++frame) {
      PictureOptions options = Lossless();
      options.frame = frame;
      const auto prepared = Prepare(file, options);
      ASSERT_TRUE(prepared.ok()) << prepared.status();
      EXPECT_EQ(prepared->source.frames, 3u);
      EXPECT_EQ(prepared->source.height_px, 64u);
      EXPECT_EQ(prepared->height_px, 64u);
      EXPECT_LE(Distance(Decode(prepared->bytes).At(48, 32), expected[frame]), 4)
          << FormatName(prepared->source.format) << " frame " << frame;
    }
    PictureOptions options;
    options.frame = 3;
    const auto refused = Prepare(file, options);
    EXPECT_EQ(ReasonOf(refused.status()), "IMAGE_FRAME_NOT_FOUND");
    EXPECT_EQ(MetadataOf(refused.status(), "frames"), "3");
  }
}

TEST(SourceInfoTest, TellsWhatTheHeaderSays) {
  const Drawing drawing = DrawGradient(200, 100);
  PngSpec png;
  png.bits_per_channel = 16;
  png.alpha.assign(200 * 100, 255);
  png.interlaced = true;
  const auto inspected = Preparer().Inspect(EncodePng(drawing, png), {});
  ASSERT_TRUE(inspected.ok()) << inspected.status();
  EXPECT_EQ(inspected->bits_per_channel, 16);
  EXPECT_EQ(inspected->channels, 4);
  EXPECT_TRUE(inspected->has_alpha);
  EXPECT_TRUE(inspected->progressive);

  const auto jpeg =
      Preparer().Inspect(EncodeJpeg(drawing, {.color = JpegColor::kCmyk, .progressive = true}), {});
  ASSERT_TRUE(jpeg.ok()) << jpeg.status();
  EXPECT_EQ(jpeg->color_space, ColorSpace::kCmyk);
  EXPECT_TRUE(jpeg->progressive);
  EXPECT_EQ(Preparer().Inspect(EncodeJpeg(drawing), {})->progressive, false);
}

}  // namespace
}  // namespace tessera::preprocess
