// SPDX-License-Identifier: Apache-2.0
#include "cli/quantities.h"

#include <gtest/gtest.h>

namespace tessera::cli {
namespace {

TEST(QuantitiesTest, ReadsTimeoutsWithAndWithoutUnits) {
  EXPECT_EQ(*ParseTimeout("90s"), absl::Seconds(90));
  EXPECT_EQ(*ParseTimeout("1m30s"), absl::Seconds(90));
  EXPECT_EQ(*ParseTimeout("250ms"), absl::Milliseconds(250));
  EXPECT_EQ(*ParseTimeout("2"), absl::Seconds(2));
  EXPECT_EQ(*ParseTimeout("0.5"), absl::Milliseconds(500));
  EXPECT_EQ(*ParseTimeout("24h"), absl::Hours(24));
}

TEST(QuantitiesTest, RefusesTimeoutsThatMakeNoSense) {
  for (const char* text : {"", "0", "0s", "-1s", "-5", "soon", "5 s", "25h", "inf", "nan", "1e9"}) {
    EXPECT_FALSE(ParseTimeout(text).ok()) << text;
  }
}

TEST(QuantitiesTest, WritesDurationsInTheUnitThatFits) {
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0.0 ms");
  EXPECT_EQ(DurationText(absl::Microseconds(430)), "0.4 ms");
  EXPECT_EQ(DurationText(absl::Microseconds(45230)), "45.2 ms");
  EXPECT_EQ(DurationText(absl::Microseconds(999970)), "1.00 s");
  EXPECT_EQ(DurationText(absl::Milliseconds(1240)), "1.24 s");
  EXPECT_EQ(DurationText(absl::Seconds(125)), "2 min 05 s");
}

TEST(QuantitiesTest, WritesSizesInTheUnitThatFits) {
  EXPECT_EQ(SizeText(0), "0 B");
  EXPECT_EQ(SizeText(1023), "1023 B");
  EXPECT_EQ(SizeText(1024), "1.0 KiB");
  EXPECT_EQ(SizeText((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(SizeText(3'355'443), "3.2 MiB");
  EXPECT_EQ(SizeText(uint64_t{40} << 40), "40.0 TiB");
  EXPECT_EQ(SizeText(uint64_t{4000} << 40), "4000.0 TiB");
}

TEST(QuantitiesTest, WritesTheRest) {
  EXPECT_EQ(CountText(1, "picture"), "1 picture");
  EXPECT_EQ(CountText(0, "picture"), "0 pictures");
  EXPECT_EQ(ConfidenceText(0.9812), "98.1 %");
  EXPECT_EQ(ConfidenceText(std::nullopt), "-");
  EXPECT_EQ(HexText(std::string("\x00\xff\x1a", 3)), "00ff1a");
}

}  // namespace
}  // namespace tessera::cli
