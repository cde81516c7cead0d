// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/heif/coded_size.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/profiles.h"
#include "tests/support/pictures/random.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

constexpr std::pair<uint32_t, uint32_t> kSizes[] = {{64, 64}, {129, 65}, {640, 480}, {1023, 777}};

TEST(CodedSizeTest, IsReadFromTheAv1DataItself) {
  for (const auto& [width, height] : kSizes) {
    const std::string avif = EncodeAvif(DrawGradient(width, height));
    for (const std::string& file : {avif, ClaimedAvif(avif, 16, 16)}) {
      const CodedSize coded = LargestCodedSize(ReadHeifFile(file));
      EXPECT_EQ(coded.width_px, width);
      EXPECT_EQ(coded.height_px, height);
    }
  }
}

TEST(CodedSizeTest, AlphaIsACodedPictureAsWell) {
  RasterSpec spec;
  spec.alpha.assign(300 * 200, 128);
  const std::string avif = EncodeAvif(DrawGradient(300, 200), spec);
  const HeifFile file = ReadHeifFile(avif);
  EXPECT_EQ(file.items.size(), 2);
  EXPECT_EQ(LargestCodedSize(file).Pixels(), 300u * 200u);
}

TEST(CodedSizeTest, IsReadFromTheHevcDataItself) {
  if (!CanEncodeHeic()) GTEST_SKIP() << "no HEVC encoder here";
  for (const auto& [width, height] : kSizes) {
    const std::string heic = EncodeHeic(DrawGradient(width, height));
    const CodedSize coded = LargestCodedSize(ReadHeifFile(ClaimedAvif(heic, 16, 16)));
    // Rounded up to whole blocks.
    EXPECT_GE(coded.width_px, width);
    EXPECT_LE(coded.width_px, width + 64);
    EXPECT_GE(coded.height_px, height);
    EXPECT_LE(coded.height_px, height + 64);
  }
}

TEST(CodedSizeTest, BoxesTellSizeAndProfile) {
  RasterSpec spec;
  spec.icc_profile = DisplayP3Profile();
  const std::string avif = EncodeAvif(DrawGradient(300, 200), spec);
  const HeifFile file = ReadHeifFile(avif);
  EXPECT_EQ(file.stated_width_px, 300);
  EXPECT_EQ(file.stated_height_px, 200);
  EXPECT_EQ(file.icc_profile_bytes, DisplayP3Profile().size());
  EXPECT_FALSE(file.overfull);
}

TEST(CodedSizeTest, EveryDamageIsSurvived) {
  const std::string avif = EncodeAvif(DrawGradient(128, 96));
  for (uint64_t seed = 0; seed < 20'000; ++seed) {
    const std::string damaged = FlipBytes(avif, 1 + static_cast<int>(seed % 8), seed);
    const HeifFile file = ReadHeifFile(damaged);
    (void)LargestCodedSize(file);
    size_t payload = 0;
    for (const HeifItem& item : file.items) payload += item.payload.size();
    EXPECT_LE(payload, avif.size()) << seed;
  }
  for (size_t bytes = 0; bytes < avif.size(); ++bytes) {
    (void)LargestCodedSize(ReadHeifFile(avif.substr(0, bytes)));
  }
  Random random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string noise(200, '\0');
    for (char& c : noise) c = static_cast<char>(random.Next());
    (void)LargestAv1Size({}, noise);
    (void)LargestHevcSize(noise);
    (void)LargestHevcSizeOfUnits(noise);
  }
}

}  // namespace
}  // namespace tessera::preprocess
