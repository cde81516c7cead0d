// SPDX-License-Identifier: Apache-2.0
//
// Files that must be refused: each with its reason, cheaply, and without harm to the next one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "services/preprocess/picture/picture_errors.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;

std::vector<std::pair<std::string, std::string>> OneOfEachFormat() {
  const Drawing photo = DrawPhoto(400, 300);
  return {
      {"jpeg", EncodeJpeg(photo)}, {"progressive jpeg", EncodeJpeg(photo, {.progressive = true})},
      {"png", EncodePng(photo)},   {"webp", EncodeWebp(photo)},
      {"gif", EncodeGif(photo)},   {"tiff", EncodeTiff(photo)},
      {"avif", EncodeAvif(photo)}};
}

TEST(BadInputTest, NothingAtAllIsEmpty) { EXPECT_EQ(RefusalOf(""), "IMAGE_EMPTY"); }

TEST(BadInputTest, FilesOverTheLimitAreNotLookedAt) {
  const std::string file(Preparer().limits().max_file_bytes + 1, 'x');
  const auto refused = Prepare(file);
  EXPECT_EQ(ReasonOf(refused.status()), "IMAGE_TOO_MANY_BYTES");
  EXPECT_EQ(MetadataOf(refused.status(), "fileBytes"), "33554433");
  EXPECT_EQ(MetadataOf(refused.status(), "limitBytes"), "33554432");
}

TEST(BadInputTest, OtherFormatsAreNamed) {
  const auto refused = Prepare(EncodeBmp(DrawGradient(64, 64)));
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(refused.status()), "IMAGE_FORMAT_UNSUPPORTED");
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("BMP"));
}

TEST(BadInputTest, HalfAFileIsTruncatedInEveryFormat) {
  for (const auto& [name, file] : OneOfEachFormat()) {
    EXPECT_EQ(RefusalOf(Truncate(file, 0.5)), "IMAGE_TRUNCATED") << name;
  }
}

TEST(BadInputTest, AFewBytesAreTruncatedOrNoHeader) {
  for (const auto& [name, file] : OneOfEachFormat()) {
    EXPECT_THAT(RefusalOf(file.substr(0, 24)), AnyOf("IMAGE_TRUNCATED", "IMAGE_HEADER_CORRUPT"))
        << name;
  }
}

TEST(BadInputTest, EveryPrefixIsRefusedWithATypedReason) {
  for (const auto& [name, file] : OneOfEachFormat()) {
    for (size_t bytes = 0; bytes < file.size(); bytes += 1 + bytes / 8) {
      const std::string refusal = RefusalOf(file.substr(0, bytes));
      if (refusal != "ACCEPTED") {
        EXPECT_THAT(kRefusalReasons, Contains(refusal)) << name << " cut to " << bytes;
      }
    }
  }
}

TEST(BadInputTest, DamagedBytesNeverDoMoreThanRefuseThePicture) {
  for (const auto& [name, file] : OneOfEachFormat()) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const std::string refusal =
          RefusalOf(FlipBytes(file, 1 + static_cast<int>(seed) % 20, seed, 12));
      if (refusal != "ACCEPTED") {
        EXPECT_THAT(kRefusalReasons, Contains(refusal)) << name << " seed " << seed;
      }
    }
  }
}

TEST(BadInputTest, AGarbledHeaderIsNoPicture) {
  const std::string png = EncodePng(DrawGradient(64, 64));
  EXPECT_EQ(RefusalOf(png.substr(0, 8) + std::string(200, '\0')), "IMAGE_HEADER_CORRUPT");
  EXPECT_EQ(RefusalOf("\xFF\xD8\xFF\xE0 this is no JPEG at all, only its first three bytes"),
            "IMAGE_TRUNCATED");
  std::string gif = EncodeGif(DrawGradient(64, 64));
  gif.replace(6, 4, std::string(4, '\0'));
  EXPECT_THAT(RefusalOf(gif), AnyOf("IMAGE_HEADER_CORRUPT", "IMAGE_CORRUPT", "ACCEPTED"));
}

TEST(BadInputTest, TooManyPixelsAreCountedInTheHeader) {
  const auto refused = Prepare(FlatPng(8000, 7000));
  EXPECT_EQ(ReasonOf(refused.status()), "IMAGE_TOO_MANY_PIXELS");
  EXPECT_EQ(MetadataOf(refused.status(), "widthPx"), "8000");
  EXPECT_EQ(MetadataOf(refused.status(), "heightPx"), "7000");
  EXPECT_EQ(MetadataOf(refused.status(), "limitPixels"), "50000000");
}

TEST(BadInputTest, FramesOfAnAnimationCountTogether) {
  // 20 frames of 0.3 megapixels: each is fine, the last needs all of them.
  const std::vector<Drawing> frames(20, DrawGradient(640, 480));
  const std::string gif = EncodeAnimatedGif(frames);
  const auto preparer = PicturePreparer::Make({.max_pixels = 1'000'000}).value();
  EXPECT_TRUE(preparer->Prepare(gif, {.frame = 1}, NeverCancelled).ok());
  const auto refused = preparer->Prepare(gif, {.frame = 19}, NeverCancelled);
  EXPECT_EQ(ReasonOf(refused.status()), "IMAGE_TOO_MANY_PIXELS");
  EXPECT_EQ(MetadataOf(refused.status(), "frames"), "20");
}

TEST(BadInputTest, ExtremeAspectsAreRefused) {
  const auto refused = Prepare(FlatPng(2010, 10));
  EXPECT_EQ(ReasonOf(refused.status()), "IMAGE_ASPECT_EXTREME");
  EXPECT_EQ(MetadataOf(refused.status(), "limitRatio"), "200");
  EXPECT_TRUE(Prepare(FlatPng(2000, 10)).ok());
}

TEST(BadInputTest, TheDecodersOwnWordsStayInside) {
  for (const auto& [name, file] : OneOfEachFormat()) {
    const auto refused = Prepare(Truncate(file, 0.4));
    const std::string message(refused.status().message());
    for (const char* leak : {"Vips", "vips", "lib", "jpeg:", "premature", "0x"}) {
      EXPECT_EQ(message.find(leak), std::string::npos) << name << ": " << message;
    }
  }
}

TEST(BadInputTest, AfterEveryRefusalTheNextPictureSucceeds) {
  const std::string good = EncodeJpeg(DrawGradient(200, 200));
  for (const auto& [name, file] : OneOfEachFormat()) {
    (void)Prepare(Truncate(file, 0.5));
    EXPECT_TRUE(Prepare(good).ok()) << name;
  }
}

}  // namespace
}  // namespace tessera::preprocess
