// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/output_size.h"

#include <gtest/gtest.h>

namespace tessera::preprocess {
namespace {

TEST(OutputSizeTest, FitsTheLongSideAndRoundsTheShortOne) {
  EXPECT_EQ(FitWithin(4032, 3024, 768), (OutputSize{768, 576}));
  EXPECT_EQ(FitWithin(3024, 4032, 768), (OutputSize{576, 768}));
  EXPECT_EQ(FitWithin(4027, 3019, 768), (OutputSize{768, 576}));
  EXPECT_EQ(FitWithin(2480, 3508, 768), (OutputSize{543, 768}));
  EXPECT_EQ(FitWithin(50'000, 1, 768), (OutputSize{768, 1}));
}

TEST(OutputSizeTest, NeverEnlarges) {
  EXPECT_EQ(FitWithin(640, 480, 768), (OutputSize{640, 480}));
  EXPECT_EQ(FitWithin(768, 768, 768), (OutputSize{768, 768}));
  EXPECT_EQ(FitWithin(1, 1, 768), (OutputSize{1, 1}));
}

TEST(OutputSizeTest, LetsTheDecoderShrinkOnlyWithTwofoldHeadroom) {
  const OutputSize target{768, 576};
  EXPECT_EQ(JpegShrink(4032, 3024, target), 2);
  EXPECT_EQ(JpegShrink(3071, 2304, target), 1);
  EXPECT_EQ(JpegShrink(3072, 2304, target), 2);
  EXPECT_EQ(JpegShrink(6144, 4608, target), 4);
  EXPECT_EQ(JpegShrink(16'000, 12'000, target), 8);
  EXPECT_EQ(JpegShrink(640, 480, {640, 480}), 1);
}

}  // namespace
}  // namespace tessera::preprocess
