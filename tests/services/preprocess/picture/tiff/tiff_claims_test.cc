// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/tiff/tiff_claims.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/profiles.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

TEST(TiffClaimsTest, ReadsEitherKindOfTiff) {
  const Drawing drawing = DrawGradient(301, 203);
  for (TiffStorage storage : {TiffStorage::kPlain, TiffStorage::kTiles, TiffStorage::kBig}) {
    const auto claims = ReadTiffClaims(EncodeTiff(drawing, {}, storage), 0);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->width_px, 301);
    EXPECT_EQ(claims->height_px, 203);
    EXPECT_EQ(claims->tile_width_px, storage == TiffStorage::kTiles ? 128 : 0);
    EXPECT_EQ(claims->icc_profile_bytes, 0);
  }
  RasterSpec spec;
  spec.icc_profile = DisplayP3Profile();
  EXPECT_EQ(ReadTiffClaims(EncodeTiff(drawing, spec), 0)->icc_profile_bytes,
            DisplayP3Profile().size());
}

TEST(TiffClaimsTest, FindsEveryPage) {
  const std::string file = EncodeMultiPageTiff({DrawGradient(64, 48), DrawGradient(64, 48)});
  EXPECT_EQ(ReadTiffClaims(file, 1)->width_px, 64);
  EXPECT_FALSE(ReadTiffClaims(file, 2));
  EXPECT_FALSE(ReadTiffClaims(file, 1'000'000'000));
}

TEST(TiffClaimsTest, EveryDamageIsSurvived) {
  const std::string file = EncodeTiff(DrawGradient(32, 32));
  for (uint64_t seed = 0; seed < 20'000; ++seed) {
    (void)ReadTiffClaims(FlipBytes(file, 1 + static_cast<int>(seed % 8), seed), seed % 3);
  }
  for (size_t bytes = 0; bytes < file.size(); ++bytes) {
    (void)ReadTiffClaims(file.substr(0, bytes), 0);
  }
  EXPECT_FALSE(ReadTiffClaims("", 0));
}

}  // namespace
}  // namespace tessera::preprocess
