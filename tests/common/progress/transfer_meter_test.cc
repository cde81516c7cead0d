// SPDX-License-Identifier: Apache-2.0
#include "common/progress/transfer_meter.h"

#include <gtest/gtest.h>

namespace tessera {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

TEST(TransferMeterTest, SaysNothingAtFirst) {
  TransferMeter meter;
  EXPECT_EQ(meter.rate(), 0);
  EXPECT_FALSE(meter.time_left().has_value());
  meter.Update(500, 1000, kStart);
  EXPECT_EQ(meter.rate(), 0);
  meter.Update(600, 1000, kStart + absl::Milliseconds(100));
  EXPECT_EQ(meter.rate(), 0) << "a tenth of a second is too short";
}

TEST(TransferMeterTest, DoesNotCountWhatWasThereBefore) {
  TransferMeter meter;
  for (int i = 0; i <= 10; ++i) {
    meter.Update(900'000 + i * 1000, 1'000'000, kStart + i * absl::Milliseconds(100));
  }
  EXPECT_NEAR(meter.rate(), 10'000, 1);
  EXPECT_NEAR(absl::ToDoubleSeconds(*meter.time_left()), 9.0, 0.01);
}

TEST(TransferMeterTest, ForgetsHowSlowItWasLongAgo) {
  TransferMeter meter;
  absl::Time now = kStart;
  uint64_t done = 0;
  for (int i = 0; i < 100; ++i, now += absl::Milliseconds(100)) meter.Update(done += 1, 0, now);
  for (int i = 0; i < 100; ++i, now += absl::Milliseconds(100)) meter.Update(done += 100, 0, now);
  EXPECT_NEAR(meter.rate(), 1000, 10);
  EXPECT_FALSE(meter.time_left().has_value()) << "the total is not known";
}

TEST(TransferMeterTest, StartsAgainWithTheNextFile) {
  TransferMeter meter;
  for (int i = 0; i <= 10; ++i) meter.Update(i * 100, 1000, kStart + i * absl::Milliseconds(100));
  meter.Update(0, 5000, kStart + absl::Seconds(2));
  EXPECT_EQ(meter.rate(), 0);
}

TEST(TransferMeterTest, SeesAStandstill) {
  TransferMeter meter;
  for (int i = 0; i <= 100; ++i) meter.Update(700, 1000, kStart + i * absl::Milliseconds(100));
  EXPECT_EQ(meter.rate(), 0);
  EXPECT_FALSE(meter.time_left().has_value());
}

TEST(TransferMeterTest, FastUpdatesAreMeasuredTogether) {
  TransferMeter meter;
  for (int i = 0; i <= 10'000; ++i) {
    meter.Update(i * 10, 200'000, kStart + i * absl::Milliseconds(1));
  }
  EXPECT_NEAR(meter.rate(), 10'000, 200);
}

}  // namespace
}  // namespace tessera
