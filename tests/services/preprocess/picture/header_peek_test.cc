// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/header_peek.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "services/preprocess/picture/picture_preparer.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/random.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

std::vector<std::pair<PictureFormat, std::string>> OneOfEach(const Drawing& drawing) {
  PngSpec interlaced;
  interlaced.interlaced = true;
  return {{PictureFormat::kJpeg, EncodeJpeg(drawing)},
          {PictureFormat::kJpeg, EncodeJpeg(drawing, {.progressive = true, .orientation = 6})},
          {PictureFormat::kPng, EncodePng(drawing)},
          {PictureFormat::kPng, EncodePng(drawing, interlaced)},
          {PictureFormat::kWebp, EncodeWebp(drawing)},
          {PictureFormat::kWebp, EncodeWebp(drawing, {}, 90, true)},
          {PictureFormat::kWebp, EncodeWebp(drawing, {.orientation = 3})},
          {PictureFormat::kWebp, EncodeAnimatedWebp({drawing, drawing})},
          {PictureFormat::kGif, EncodeGif(drawing)},
          {PictureFormat::kAvif, EncodeAvif(drawing)}};
}

TEST(HeaderPeekTest, FindsFormatAndSidesInTheFirstBytesOfEveryFormat) {
  const Drawing drawing = DrawPhoto(517, 331);
  for (const auto& [format, file] : OneOfEach(drawing)) {
    const auto peek = PeekHeader(std::string_view(file).substr(0, 4096));
    ASSERT_TRUE(peek.ok()) << FormatName(format);
    EXPECT_EQ(peek->format, format);
    EXPECT_EQ(peek->width_px, 517u) << FormatName(format);
    EXPECT_EQ(peek->height_px, 331u) << FormatName(format);
  }
  // A TIFF may say it at its end.
  const auto tiff = PeekHeader(EncodeTiff(drawing));
  ASSERT_TRUE(tiff.ok());
  EXPECT_EQ(tiff->Pixels(), 517u * 331u);
}

TEST(HeaderPeekTest, TakesAnyBeginning) {
  for (const auto& [format, file] : OneOfEach(DrawPhoto(64, 48))) {
    for (size_t bytes = 0; bytes < 600; ++bytes) {
      const auto peek = PeekHeader(std::string_view(file).substr(0, bytes));
      if (peek.ok()) {
        EXPECT_EQ(peek->format, format);
      }
    }
  }
}

TEST(HeaderPeekTest, KnowsWhatMustBeHeldInMemoryAsAWhole) {
  const Drawing drawing = DrawPhoto(64, 48);
  PngSpec interlaced;
  interlaced.interlaced = true;
  EXPECT_FALSE(PeekHeader(EncodeJpeg(drawing))->progressive);
  EXPECT_TRUE(PeekHeader(EncodeJpeg(drawing, {.progressive = true}))->progressive);
  EXPECT_FALSE(PeekHeader(EncodePng(drawing))->progressive);
  EXPECT_TRUE(PeekHeader(EncodePng(drawing, interlaced))->progressive);
}

TEST(HeaderPeekTest, CountsTheSamplesOfAJpeg) {
  const Drawing drawing = DrawPhoto(64, 48);
  const auto samples = [&](const JpegSpec& spec) {
    return PeekHeader(EncodeJpeg(drawing, spec))->samples_per_pixel;
  };
  EXPECT_EQ(samples({}), 1.5);
  EXPECT_EQ(samples({.subsampling = Subsampling::k422, .progressive = true}), 2);
  EXPECT_EQ(samples({.subsampling = Subsampling::k444}), 3);
  EXPECT_EQ(samples({.color = JpegColor::kGray}), 1);
}

TEST(HeaderPeekTest, RefusesWhatIsTooLargeByItsFirstBytes) {
  const PictureLimits limits;
  const std::string jpeg = EncodeJpeg(DrawPhoto(64, 48));
  for (const std::string& file :
       {ClaimedPng(20'000, 20'000), ClaimedJpeg(jpeg, 60'000, 60'000), FlatPng(20'000, 20'000)}) {
    const auto peek = PeekHeader(std::string_view(file).substr(0, 1024));
    ASSERT_TRUE(peek.ok());
    EXPECT_EQ(ReasonOf(CheckPeek(*peek, limits)), "IMAGE_TOO_MANY_PIXELS");
  }
  const std::string strip = ClaimedPng(30'000, 10);
  EXPECT_EQ(ReasonOf(CheckPeek(*PeekHeader(strip), limits)), "IMAGE_ASPECT_EXTREME");
  EXPECT_EQ(ReasonOf(PeekHeader("%PDF-1.7 and so on").status()), "IMAGE_FORMAT_UNSUPPORTED");
}

TEST(HeaderPeekTest, NeverRefusesWhatThePreparerWouldTake) {
  const Drawing drawing = DrawPhoto(96, 64);
  testing::Random random(21);
  int refused = 0;
  for (const auto& [format, file] : OneOfEach(drawing)) {
    for (int i = 0; i < 300; ++i) {
      // Damage where the sides are written, too.
      const std::string damaged = FlipBytes(file.substr(0, std::min<size_t>(file.size(), 200)),
                                            1 + static_cast<int>(random.Below(6)), random.Next()) +
                                  (file.size() > 200 ? file.substr(200) : "");
      const auto peek = PeekHeader(damaged);
      const bool peek_refuses = !peek.ok() || !CheckPeek(*peek, Preparer().limits()).ok();
      if (!peek_refuses) continue;
      ++refused;
      EXPECT_NE(RefusalOf(damaged), "ACCEPTED") << FormatName(format) << " " << i;
    }
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace tessera::preprocess
