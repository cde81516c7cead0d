// SPDX-License-Identifier: Apache-2.0
//
// Which JPEGs take the fast path, and that it keeps every promise of the other one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "services/preprocess/picture/picture_errors.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/profiles.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.
using ::testing::Contains;
using ::testing::ElementsAre;

PreparationPlan PlanFor(const JpegSpec& spec, const PictureOptions& options = {}) {
  const auto prepared = Prepare(EncodeJpeg(DrawGradient(1600, 1200), spec), options);
  EXPECT_TRUE(prepared.ok()) << prepared.status();
  return prepared.ok() ? prepared->plan : PreparationPlan{};
}

TEST(FastPathTest, TakesWhatCamerasWrite) {
  for (Subsampling subsampling :
       {Subsampling::k444, Subsampling::k422, Subsampling::k420, Subsampling::k440}) {
    EXPECT_EQ(PlanFor({.subsampling = subsampling}).path, "libjpeg-turbo");
  }
  EXPECT_EQ(PlanFor({.color = JpegColor::kGray}).path, "libjpeg-turbo");
  EXPECT_EQ(PlanFor({.progressive = true}).path, "libjpeg-turbo");
  EXPECT_EQ(PlanFor({.optimize = true}).path, "libjpeg-turbo");
  EXPECT_EQ(PlanFor({.restart_rows = 2}).path, "libjpeg-turbo");
  EXPECT_EQ(PlanFor({.icc_profile = SrgbProfile()}).path, "libjpeg-turbo");
}

TEST(FastPathTest, LeavesTheRestToLibvips) {
  EXPECT_EQ(PlanFor({.color = JpegColor::kRgb}).path, "libvips");
  EXPECT_EQ(PlanFor({.color = JpegColor::kCmyk}).path, "libvips");
  EXPECT_EQ(PlanFor({.color = JpegColor::kYcck}).path, "libvips");
  EXPECT_EQ(PlanFor({.subsampling = Subsampling::k411}).path, "libvips");
  EXPECT_EQ(PlanFor({.subsampling = Subsampling::k410}).path, "libvips");
}

TEST(FastPathTest, DeliversRgbToWhoeverWantsPixelsOrHasAProfileToApply) {
  EXPECT_EQ(PlanFor({.icc_profile = DisplayP3Profile()}).path, "libjpeg-turbo");
  EXPECT_EQ(PlanFor({}, Lossless()).path, "libjpeg-turbo");
  EXPECT_EQ(PlanFor({}, {.max_side_px = 200, .encoding = PictureEncoding::kPng}).shrink_on_load, 4);
}

TEST(FastPathTest, ReportsTheScaleOfTheDecoder) {
  EXPECT_EQ(PlanFor({}).shrink_on_load, 1);
  EXPECT_EQ(PlanFor({}, {.max_side_px = 400}).shrink_on_load, 2);
  EXPECT_EQ(PlanFor({}, {.max_side_px = 200}).shrink_on_load, 4);
  EXPECT_EQ(PlanFor({}, {.max_side_px = 64}).shrink_on_load, 8);
  EXPECT_EQ(PlanFor({}, {.max_side_px = 4096}).kernel, "none");
}

TEST(FastPathTest, ReportsDecodingAndResizingApart) {
  const auto prepared = Prepare(EncodeJpeg(DrawGradient(1600, 1200)));
  ASSERT_TRUE(prepared.ok());
  std::vector<std::string_view> names;
  for (const StageTime& time : prepared->stage_times) {
    names.push_back(time.name);
    EXPECT_GE(time.duration, absl::ZeroDuration()) << time.name;
  }
  EXPECT_THAT(names, ElementsAre("sniff", "header", "limits", "plan", "decode", "resize", "upright",
                                 "pad", "encode", "digest"));
}

TEST(FastPathTest, EveryScaleAndSamplingShowsThePicture) {
  const Drawing scene = DrawGradient(1999, 1501);
  for (Subsampling subsampling :
       {Subsampling::k444, Subsampling::k422, Subsampling::k420, Subsampling::k440}) {
    for (bool progressive : {false, true}) {
      const std::string file =
          EncodeJpeg(scene, {.subsampling = subsampling, .progressive = progressive});
      for (uint32_t side : {44u, 100u, 249u, 333u, 768u, 1500u, 1999u, 4096u}) {
        const auto prepared = Prepare(file, {.max_side_px = side});
        ASSERT_TRUE(prepared.ok()) << prepared.status();
        EXPECT_GE(
            Psnr(Decode(prepared->bytes), DrawGradient(prepared->width_px, prepared->height_px)),
            side < 64 ? 30 : 36)
            << static_cast<int>(subsampling) << " to " << side;
      }
    }
  }
}

TEST(FastPathTest, TurnsUprightFromEveryOrientation) {
  const Drawing scene = DrawQuadrants(1600, 1000);
  for (int exif = 1; exif <= 8; ++exif) {
    const auto prepared = Prepare(EncodeJpeg(StoredFor(scene, exif), {.orientation = exif}));
    ASSERT_TRUE(prepared.ok()) << prepared.status();
    EXPECT_EQ(prepared->plan.path, "libjpeg-turbo");
    EXPECT_EQ(prepared->source.orientation, exif);
    EXPECT_GE(Psnr(Decode(prepared->bytes), DrawQuadrants(768, 480)), 28) << exif;
  }
}

TEST(FastPathTest, PadsWithTheBackground) {
  const auto prepared = Prepare(EncodeJpeg(Drawing(400, 8, kRed)), {.background = {20, 200, 90}});
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  EXPECT_EQ(prepared->plan.path, "libjpeg-turbo");
  EXPECT_EQ(prepared->height_px, 32u);
  const Drawing shown = Decode(prepared->bytes);
  EXPECT_LE(Distance(shown.At(200, 2), {20, 200, 90}), 6);
  EXPECT_LE(Distance(shown.At(200, 15), kRed), 12);
}

TEST(FastPathTest, GrayComesOutGray) {
  const auto prepared = Prepare(EncodeJpeg(DrawPhoto(1000, 700), {.color = JpegColor::kGray}));
  ASSERT_TRUE(prepared.ok()) << prepared.status();
  const Drawing shown = Decode(prepared->bytes);
  for (uint32_t y = 0; y < shown.height_px(); y += 50) {
    const Color color = shown.At(y, y);
    EXPECT_EQ(color.red, color.green);
    EXPECT_EQ(color.red, color.blue);
  }
}

TEST(FastPathTest, RefusesFilesThatEndEarly) {
  const Drawing scene = DrawPhoto(1200, 900);
  for (const JpegSpec& spec : {JpegSpec{}, JpegSpec{.progressive = true},
                               JpegSpec{.restart_rows = 1}, JpegSpec{.color = JpegColor::kGray}}) {
    const std::string file = EncodeJpeg(scene, spec);
    for (double share : {0.1, 0.5, 0.9, 0.99}) {
      EXPECT_EQ(RefusalOf(Truncate(file, share)), "IMAGE_TRUNCATED") << share;
    }
  }
}

TEST(FastPathTest, DamagedBytesNeverDoMoreThanRefuseThePicture) {
  const Drawing scene = DrawPhoto(300, 200);
  for (const JpegSpec& spec :
       {JpegSpec{}, JpegSpec{.progressive = true}, JpegSpec{.restart_rows = 1}}) {
    const std::string file = EncodeJpeg(scene, spec);
    for (uint64_t seed = 0; seed < 300; ++seed) {
      const std::string refusal =
          RefusalOf(FlipBytes(file, 1 + static_cast<int>(seed) % 9, seed, 3));
      if (refusal != "ACCEPTED") {
        EXPECT_THAT(kRefusalReasons, Contains(refusal)) << seed;
      }
    }
  }
}

TEST(FastPathTest, CancelIsHeardWithinAFewRows) {
  for (bool progressive : {false, true}) {
    const std::string file = EncodeJpeg(DrawPhoto(2400, 1800), {.progressive = progressive});
    int questions = 0;
    const absl::Time start = absl::Now();
    ASSERT_TRUE(Preparer().Prepare(file, {}, [&] { return ++questions, absl::OkStatus(); }).ok());
    const absl::Duration whole = absl::Now() - start;
    EXPECT_GT(questions, 100);
    for (double share : {0.2, 0.5, 0.9}) {
      int left = static_cast<int>(questions * share);
      absl::Time cancelled_at;
      const auto prepared = Preparer().Prepare(file, {}, [&] {
        if (--left > 0) return absl::OkStatus();
        if (left == 0) cancelled_at = absl::Now();
        return absl::CancelledError("the caller went away");
      });
      EXPECT_EQ(prepared.status(), absl::CancelledError("the caller went away"));
      EXPECT_EQ(left, 0) << "asked again after the answer was no";
      // A tenth on a quiet machine.
      EXPECT_LT(absl::Now() - cancelled_at, whole / 2 + absl::Milliseconds(100)) << share;
    }
  }
}

TEST(FastPathTest, ThousandsOfScansAreRefused) {
  // The last scan of a progressive file, repeated: each repetition costs the decoder a walk over
  // the whole picture.
  std::string file = EncodeJpeg(DrawGradient(640, 480), {.progressive = true});
  const size_t scan = file.rfind(std::string("\xFF\xDA", 2));
  ASSERT_NE(scan, std::string::npos);
  const std::string last = file.substr(scan, file.size() - 2 - scan);
  std::string bomb = file.substr(0, file.size() - 2);
  for (int i = 0; i < 2000; ++i) bomb += last;
  bomb += "\xFF\xD9";
  const absl::Time start = absl::Now();
  EXPECT_THAT(RefusalOf(bomb), ::testing::AnyOf("IMAGE_CORRUPT", "IMAGE_HEADER_CORRUPT"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
}

}  // namespace
}  // namespace tessera::preprocess
