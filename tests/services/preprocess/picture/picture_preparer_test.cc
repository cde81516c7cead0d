// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/picture_preparer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.
using ::testing::ElementsAreArray;

std::vector<std::string_view> Names(const StageTimes& times) {
  std::vector<std::string_view> names;
  for (const StageTime& time : times) names.push_back(time.name);
  return names;
}

TEST(PicturePreparerTest, OptionsOutOfRangeAreNamed) {
  const std::string file = EncodeJpeg(DrawGradient(64, 64));
  for (const PictureOptions& options :
       {PictureOptions{.max_side_px = 0}, PictureOptions{.max_side_px = 4097},
        PictureOptions{.jpeg_quality = 0}, PictureOptions{.jpeg_quality = 101}}) {
    EXPECT_EQ(RefusalOf(file, options), "FIELD_INVALID");
  }
  EXPECT_EQ(MetadataOf(Prepare(file, {.max_side_px = 0}).status(), "field"), "max_side_px");
}

TEST(PicturePreparerTest, LimitsOutOfRangeAreNamed) {
  EXPECT_EQ(MetadataOf(PicturePreparer::Make({.max_pixels = 0}).status(), "field"), "max_pixels");
  EXPECT_EQ(MetadataOf(PicturePreparer::Make({.max_aspect_ratio = 201}).status(), "field"),
            "max_aspect_ratio");
  EXPECT_EQ(MetadataOf(PicturePreparer::Make({.max_file_bytes = 1}).status(), "field"),
            "max_file_bytes");
}

TEST(PicturePreparerTest, SmallPicturesAreNotEnlarged) {
  const auto prepared = Prepare(EncodePng(DrawGradient(100, 80)), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->width_px, 100u);
  EXPECT_EQ(prepared->height_px, 80u);
  EXPECT_EQ(prepared->plan.kernel, "none");
}

TEST(PicturePreparerTest, TinyPicturesAreCentredOnThirtyTwoPixels) {
  PictureOptions options = Lossless();
  options.background = {1, 2, 3};
  const auto prepared = Prepare(EncodePng(Drawing(11, 4, kRed)), options);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->width_px, 32u);
  EXPECT_EQ(prepared->height_px, 32u);
  const Drawing shown = Decode(prepared->bytes);
  EXPECT_EQ(shown.At(9, 14), (Color{1, 2, 3}));
  EXPECT_EQ(shown.At(10, 14), kRed);
  EXPECT_EQ(shown.At(20, 17), kRed);
  EXPECT_EQ(shown.At(21, 17), (Color{1, 2, 3}));
  const Point corner = prepared->to_source.Map(Point{10, 14});
  EXPECT_DOUBLE_EQ(corner.x, 0);
  EXPECT_DOUBLE_EQ(corner.y, 0);
}

TEST(PicturePreparerTest, LongStripsArePaddedAcross) {
  const auto prepared = Prepare(EncodePng(Drawing(4000, 20, kRed)), Lossless());
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->width_px, 768u);
  EXPECT_EQ(prepared->height_px, 32u);
}

TEST(PicturePreparerTest, EveryMaxSideIsMetExactly) {
  const std::string file = EncodeJpeg(DrawGradient(1021, 767));
  for (uint32_t side = 32; side <= 1200; side += 73) {
    const auto prepared = Prepare(file, {.max_side_px = side});
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_EQ(std::max(prepared->width_px, prepared->height_px), std::min(side, 1021u));
  }
}

TEST(PicturePreparerTest, OutputIsFourFourFourJpegOfTheAskedQuality) {
  const std::string file = EncodePng(DrawPhoto(400, 300));
  const auto fine = Prepare(file);
  const auto coarse = Prepare(file, {.jpeg_quality = 30});
  ASSERT_TRUE(fine.ok() && coarse.ok());
  EXPECT_LT(coarse->bytes.size() * 2, fine->bytes.size());
  EXPECT_NE(coarse->pixel_digest, fine->pixel_digest);
  // The frame header lists three components with sampling 1x1.
  const size_t frame = fine->bytes.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  EXPECT_EQ(fine->bytes[frame + 9], 3);
  for (size_t component = 0; component < 3; ++component) {
    EXPECT_EQ(fine->bytes[frame + 11 + 3 * component], 0x11);
  }
}

TEST(PicturePreparerTest, SameFileSameDigestOtherPixelsOtherDigest) {
  Drawing drawing = DrawGradient(300, 200);
  const std::string first = Prepare(EncodePng(drawing))->pixel_digest;
  EXPECT_EQ(first.size(), 64u);
  EXPECT_EQ(first, Prepare(EncodePng(drawing))->pixel_digest);
  EXPECT_EQ(first, Prepare(EncodeWebp(drawing, {}, 90, true))->pixel_digest);
  drawing.Set(5, 5, kRed);
  EXPECT_NE(first, Prepare(EncodePng(drawing))->pixel_digest);
}

TEST(PicturePreparerTest, PredictsTokensOfThePreparedSize) {
  const auto prepared = Prepare(EncodePng(DrawGradient(1280, 960)));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(
      prepared->prompt_tokens,
      (PromptTokens{
          .ollama_legacy = 434, .ollama_current = 1038, .hugging_face = 434, .llama_cpp = 434}));
}

void ExpectStages(const std::string& file, const std::vector<std::string>& stages) {
  const auto prepared = Prepare(file);
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_THAT(Names(prepared->stage_times), ElementsAreArray(stages));
  for (const StageTime& time : prepared->stage_times) {
    EXPECT_GE(time.duration, absl::ZeroDuration()) << time.name;
    EXPECT_THAT(kStageNames, ::testing::Contains(time.name));
  }
}

TEST(PicturePreparerTest, ReportsEveryStageOnceAndInOrder) {
  const Drawing drawing = DrawGradient(1280, 960);
  ExpectStages(EncodeJpeg(drawing), {"sniff", "header", "limits", "plan", "decode", "resize",
                                     "upright", "pad", "encode", "digest"});
  ExpectStages(EncodePng(drawing), {"sniff", "header", "limits", "plan", "decode", "resize",
                                    "color", "upright", "pad", "encode", "digest"});
  PngSpec deep;
  deep.bits_per_channel = 16;
  ExpectStages(EncodePng(drawing, deep),
               {"sniff", "header", "limits", "plan", "decode_resize", "color", "flatten", "upright",
                "pad", "encode", "digest"});
}

TEST(PicturePreparerTest, ManyThreadsGetTheSameAnswers) {
  const Drawing photo = DrawPhoto(900, 700);
  for (const std::string& good : {EncodePng(photo), EncodeJpeg(photo)}) {
    const std::string bad = good.substr(0, good.size() / 2);
    const std::string expected = Prepare(good)->pixel_digest;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 4; ++round) {
          EXPECT_EQ(Prepare(good)->pixel_digest, expected);
          EXPECT_EQ(RefusalOf(bad), "IMAGE_TRUNCATED");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace tessera::preprocess
