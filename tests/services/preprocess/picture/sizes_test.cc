// SPDX-License-Identifier: Apache-2.0
//
// Every size policy on both paths, upright and turned: the sides, the pixels and the way back.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/preprocess/picture/sizing/size_plan.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/reference_resize.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

const std::vector<SizePolicy>& Policies() {
  static const auto* const policies =
      new std::vector<SizePolicy>{FitWithinSide{},
                                  EngineFit{Engine::kOllamaLegacy},
                                  EngineFit{Engine::kOllamaCurrent},
                                  EngineFit{Engine::kHuggingFace},
                                  EngineFit{Engine::kLlamaCpp},
                                  TokenBudget{.min_cells = 64, .max_cells = 200},
                                  TokenBudget{.min_cells = 2000, .max_cells = 2100},
                                  ExactSize{.width_px = 512, .height_px = 512},
                                  ExactSize{.width_px = 224, .height_px = 640},
                                  ExactSize{.width_px = 300, .height_px = 500, .stretch = true},
                                  ExactSize{.width_px = 1600, .height_px = 1200, .stretch = true}};
  return *policies;
}

// What `plan` should look like on a background of white.
Drawing Expected(const Drawing& upright, const SizePlan& plan) {
  const Drawing content = ReferenceResize(upright, plan.content.width_px, plan.content.height_px);
  Drawing canvas(plan.canvas.width_px, plan.canvas.height_px, kWhite);
  for (uint32_t y = 0; y < content.height_px(); ++y) {
    for (uint32_t x = 0; x < content.width_px(); ++x) {
      canvas.Set(plan.content.left_px + x, plan.content.top_px + y, content.At(x, y));
    }
  }
  return canvas;
}

std::string JpegFor(const Drawing& stored, int exif) {
  return EncodeJpeg(stored, {.quality = 97, .subsampling = Subsampling::k444, .orientation = exif});
}

std::string PngFor(const Drawing& stored, int exif) {
  PngSpec spec;
  spec.orientation = exif;
  return EncodePng(stored, spec);
}

TEST(SizesTest, EveryPolicyMeetsItsPlanOnEveryPath) {
  const Drawing upright = DrawPhoto(731, 467);
  for (const SizePolicy& policy : Policies()) {
    const SizePlan plan = PlanSize({731, 467}, policy, 768);
    const Drawing expected = Expected(upright, plan);
    for (const int exif : {1, 6}) {
      const Drawing stored = StoredFor(upright, exif);
      PictureOptions options{.size = policy};
      options.jpeg_quality = 98;
      for (const auto& [file, path] :
           {std::pair{JpegFor(stored, exif), "libjpeg-turbo"}, {PngFor(stored, exif), "libvips"}}) {
        SCOPED_TRACE(std::string(SizePolicyName(policy)) + " " + path + " orientation " +
                     std::to_string(exif));
        const auto prepared = Prepare(file, options);
        ASSERT_TRUE(prepared.ok()) << prepared.status();
        EXPECT_EQ((OutputSize{prepared->width_px, prepared->height_px}), plan.canvas);
        EXPECT_EQ(prepared->content, plan.content);
        EXPECT_EQ(prepared->prompt_tokens, PredictPromptTokens(plan.canvas));
        EXPECT_GE(Psnr(Decode(prepared->bytes), expected), 33);
      }
    }
  }
}

TEST(SizesTest, TheWayBackLeadsFromTheContentsCornersToTheOriginals) {
  const Drawing upright = DrawGradient(150, 100);
  for (const SizePolicy& policy : Policies()) {
    for (int exif = 1; exif <= 8; ++exif) {
      const auto prepared = Prepare(PngFor(StoredFor(upright, exif), exif), {.size = policy});
      ASSERT_TRUE(prepared.ok()) << prepared.status();
      const Placement& content = prepared->content;
      const Box back = prepared->to_source.Map(
          Box{static_cast<double>(content.left_px), static_cast<double>(content.top_px),
              static_cast<double>(content.left_px + content.width_px),
              static_cast<double>(content.top_px + content.height_px)});
      EXPECT_NEAR(back.left, 0, 1e-9);
      EXPECT_NEAR(back.top, 0, 1e-9);
      EXPECT_NEAR(back.right, exif >= 5 ? 100 : 150, 1e-9);
      EXPECT_NEAR(back.bottom, exif >= 5 ? 150 : 100, 1e-9);
    }
  }
}

TEST(SizesTest, LetterboxShowsTheBackground) {
  PictureOptions options{.background = {10, 200, 30}, .encoding = PictureEncoding::kPng};
  options.size = ExactSize{.width_px = 200, .height_px = 100};
  const auto prepared = Prepare(EncodePng(Drawing(50, 50, kRed)), options);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const Drawing shown = Decode(prepared->bytes);
  EXPECT_EQ(shown.At(49, 50), (Color{10, 200, 30}));
  EXPECT_EQ(shown.At(150, 50), (Color{10, 200, 30}));
  EXPECT_EQ(shown.At(50, 50), kRed);
  EXPECT_EQ(shown.At(149, 50), kRed);
}

TEST(SizesTest, BicubicIsWhatItSaysAndTakesThePictureAtFullSize) {
  const Drawing photo = DrawPhoto(1600, 1200);
  PictureOptions options{.max_side_px = 400, .filter = ResizeFilter::kBicubic};
  const auto jpeg = Prepare(JpegFor(photo, 1), options);
  ASSERT_TRUE(jpeg.ok()) << jpeg.status();
  EXPECT_EQ(jpeg->plan.kernel, "bicubic");
  EXPECT_EQ(jpeg->plan.shrink_on_load, 1);
  const auto png = Prepare(PngFor(photo, 1), options);
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(png->plan.kernel, "bicubic");
  EXPECT_GE(Psnr(Decode(jpeg->bytes), Decode(png->bytes)), 38);
  const auto sharper = Prepare(PngFor(photo, 1), {.max_side_px = 400});
  EXPECT_NE(sharper->pixel_digest, png->pixel_digest);
}

}  // namespace
}  // namespace tessera::preprocess
