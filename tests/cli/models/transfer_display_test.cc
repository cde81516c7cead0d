// SPDX-License-Identifier: Apache-2.0
#include "cli/models/transfer_display.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tessera::cli {
namespace {

TEST(TransferDisplayTest, DrawsBars) {
  EXPECT_EQ(BarText(0, 10), "[>         ]   0 %");
  EXPECT_EQ(BarText(0.45, 10), "[====>     ]  45 %");
  EXPECT_EQ(BarText(0.999, 10), "[=========>]  99 %");
  EXPECT_EQ(BarText(1, 10), "[==========] 100 %");
  EXPECT_EQ(BarText(7, 10), "[==========] 100 %");
  EXPECT_EQ(BarText(std::nan(""), 4), "[>   ]   0 %");
}

TEST(TransferDisplayTest, WritesTimesLikeAClock) {
  EXPECT_EQ(ClockText(absl::Seconds(4.2)), "0:05");
  EXPECT_EQ(ClockText(absl::Seconds(754)), "12:34");
  EXPECT_EQ(ClockText(absl::Seconds(3 * 3600 + 121)), "3:02:01");
  EXPECT_EQ(ClockText(-absl::Seconds(4)), "0:00");
}

}  // namespace
}  // namespace tessera::cli
