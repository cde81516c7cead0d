// SPDX-License-Identifier: Apache-2.0
#include "services/inference/image_marker.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "absl/time/clock.h"

namespace tessera::inference {
namespace {

TEST(ImageMarkerTest, FindsWhatOllamaTakesForAPicture) {
  EXPECT_EQ(FindImageMarker("[img-0]"), "[img-0]");
  EXPECT_EQ(FindImageMarker("[img]"), "[img]");
  EXPECT_EQ(FindImageMarker("see [img-12] there"), "[img-12]");
  EXPECT_EQ(FindImageMarker("[img-][img-x] [img [[img-3]]"), "[img-3]");
  EXPECT_EQ(FindImageMarker("[img[img]"), "[img]");
  EXPECT_EQ(FindImageMarker("first [img-1] then [img-2]"), "[img-1]");
}

TEST(ImageMarkerTest, LeavesOrdinaryTextAlone) {
  for (const char* text :
       {"", "img-0", "[image-0]", "[img-]", "[img-0", "[img-0x]", "[img -0]", "[img- 0]",
        "[img--0]", "[img-0 ]", "[IMG-0]", "[img_0]", "[img", "[img-"}) {
    EXPECT_EQ(FindImageMarker(text), std::nullopt) << text;
  }
}

TEST(ImageMarkerTest, ReadsAHostileTextInOneGo) {
  std::string text;
  while (text.size() < (1 << 20)) text += "[img";
  text += "-x]";
  const absl::Time start = absl::Now();
  EXPECT_EQ(FindImageMarker(text), std::nullopt);
  EXPECT_EQ(FindImageMarker("[img-" + std::string(1 << 20, '7')), std::nullopt);
  EXPECT_LT(absl::Now() - start, absl::Seconds(1));
}

}  // namespace
}  // namespace tessera::inference
