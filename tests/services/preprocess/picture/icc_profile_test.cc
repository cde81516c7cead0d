// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/icc_profile.h"

#include <gtest/gtest.h>

#include "tests/support/pictures/profiles.h"

namespace tessera::preprocess {
namespace {

TEST(IccProfileTest, KnowsSrgbByWhatItDoes) {
  EXPECT_TRUE(IsSrgbProfile(tessera::testing::SrgbProfile()));
  EXPECT_FALSE(IsSrgbProfile(tessera::testing::DisplayP3Profile()));
  EXPECT_FALSE(IsSrgbProfile(tessera::testing::AdobeRgbProfile()));
  EXPECT_FALSE(IsSrgbProfile(tessera::testing::ProPhotoProfile()));
  EXPECT_FALSE(IsSrgbProfile(tessera::testing::GrayProfile(2.2)));
}

TEST(IccProfileTest, IsNotFooledByTheName) {
  // Display P3 whose description says sRGB.
  std::string profile = tessera::testing::DisplayP3Profile();
  profile += "sRGB IEC61966-2.1";
  EXPECT_FALSE(IsSrgbProfile(profile));
}

TEST(IccProfileTest, ReadsTheColorSpace) {
  EXPECT_EQ(IccColorSpace(tessera::testing::DisplayP3Profile()), ColorSpace::kRgb);
  EXPECT_EQ(IccColorSpace(tessera::testing::GrayProfile(1.8)), ColorSpace::kGray);
}

TEST(IccProfileTest, SurvivesEveryTruncation) {
  const std::string profile = tessera::testing::SrgbProfile();
  for (size_t bytes = 0; bytes < profile.size(); ++bytes) {
    const std::string cut = profile.substr(0, bytes);
    IccColorSpace(cut);
    EXPECT_FALSE(IsSrgbProfile(cut) && bytes < 128) << bytes;
  }
  EXPECT_EQ(IccColorSpace("no profile"), std::nullopt);
}

}  // namespace
}  // namespace tessera::preprocess
