// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/rate_model.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tessera::inference {
namespace {

// An engine with these speeds, as it would be seen.
JobTiming Timing(uint32_t prompt_tokens, uint32_t output_tokens, uint32_t pictures = 0) {
  const absl::Duration prefill = absl::Milliseconds(2) * prompt_tokens;
  const absl::Duration first =
      absl::Milliseconds(50) + prefill + absl::Milliseconds(400) * pictures;
  return {.size = {.prompt_tokens = prompt_tokens, .pictures = pictures},
          .output_tokens = output_tokens,
          .first_token = first,
          .total = first + absl::Milliseconds(20) * (output_tokens - 1),
          .engine_prefill = prefill};
}

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

TEST(RateModelTest, KnowsNothingBeforeSomeAnswers) {
  RateModel rates;
  EXPECT_FALSE(rates.known({}));
  EXPECT_GT(rates.Predict({.prompt_tokens = 100}).total, absl::ZeroDuration());
  for (int i = 0; i < 3; ++i) rates.Learn(Timing(100, 50));
  EXPECT_TRUE(rates.known({}));
  EXPECT_FALSE(rates.known({.pictures = 1}));
  for (int i = 0; i < 3; ++i) rates.Learn(Timing(100, 50, 1));
  EXPECT_TRUE(rates.known({.pictures = 1}));
}

TEST(RateModelTest, LearnsSpeedsOfReadingAndWriting) {
  RateModel rates;
  for (uint32_t i = 0; i < 20; ++i) rates.Learn(Timing(100 + 10 * i, 64));
  EXPECT_NEAR(rates.prefill_tokens_per_second(), 500, 1);
  EXPECT_NEAR(rates.decode_tokens_per_second(), 50, 0.5);
  const JobPrediction predicted = rates.Predict({.prompt_tokens = 1000, .max_output_tokens = 11});
  EXPECT_NEAR(Seconds(predicted.first_token), 2.05, 0.02);
  EXPECT_NEAR(Seconds(predicted.total), 2.25, 0.03);
}

TEST(RateModelTest, LearnsWhatPicturesCost) {
  RateModel rates;
  for (int i = 0; i < 10; ++i) rates.Learn(Timing(100, 10));
  for (int i = 0; i < 10; ++i) rates.Learn(Timing(1100, 10, 1));
  EXPECT_NEAR(rates.picture_seconds(), 0.4, 0.05);
}

TEST(RateModelTest, OutliersDoNotMoveIt) {
  RateModel rates;
  for (int i = 0; i < 16; ++i) rates.Learn(Timing(100, 50));
  const absl::Duration before = rates.Predict({.prompt_tokens = 100}).total;
  for (int i = 0; i < 3; ++i) {
    JobTiming stalled = Timing(100, 50);
    stalled.total += absl::Minutes(5);
    stalled.engine_prefill *= 1000;
    stalled.first_token *= 1000;
    rates.Learn(stalled);
  }
  const absl::Duration after = rates.Predict({.prompt_tokens = 100}).total;
  EXPECT_LT(Seconds(after), 1.5 * Seconds(before));
}

TEST(RateModelTest, FollowsAChangeOfSpeed) {
  RateModel rates;
  for (int i = 0; i < 16; ++i) rates.Learn(Timing(100, 50));
  for (int i = 0; i < 16; ++i) {
    JobTiming slower = Timing(100, 50);
    slower.total = slower.first_token + 2 * (slower.total - slower.first_token);
    rates.Learn(slower);
  }
  EXPECT_NEAR(rates.decode_tokens_per_second(), 25, 0.5);
}

TEST(RateModelTest, ALoadIsToldFromTheRest) {
  RateModel rates;
  for (int i = 0; i < 5; ++i) rates.Learn(Timing(100, 50));
  EXPECT_EQ(rates.load(), absl::ZeroDuration());
  JobTiming cold = Timing(100, 50);
  cold.cold = true;
  cold.first_token += absl::Seconds(100);
  cold.total += absl::Seconds(100);
  rates.Learn(cold);
  EXPECT_NEAR(Seconds(rates.load()), 100, 0.5);
  EXPECT_NEAR(Seconds(rates.Predict({.prompt_tokens = 100}).first_token), 0.25, 0.02);
}

TEST(RateModelTest, WhatTheEngineDoesBeforeItNeedsASlotIsToldFromTheRest) {
  RateModel rates;
  const absl::Duration load = absl::Milliseconds(200);
  for (int i = 0; i < 16; ++i) {
    JobTiming timing = Timing(100, 50);
    timing.engine_load = load;
    // Every other one had its slot late, as it was handed over ahead.
    timing.before_slot = i % 2 == 0 ? absl::ZeroDuration() : absl::Seconds(3);
    const absl::Duration before = std::max(load, *timing.before_slot);
    timing.first_token += before;
    timing.total += before;
    rates.Learn(timing);
  }
  const JobPrediction predicted = rates.Predict({.prompt_tokens = 100});
  EXPECT_NEAR(Seconds(predicted.warm_load), 0.2, 0.001);
  EXPECT_NEAR(Seconds(predicted.first_token), 0.45, 0.02);
  EXPECT_EQ(predicted.in_slot(), predicted.total - predicted.warm_load);
}

TEST(RateModelTest, EmbeddingsHaveNoDecoding) {
  RateModel rates;
  const JobPrediction predicted = rates.Predict({.prompt_tokens = 100, .embeds = true});
  EXPECT_EQ(predicted.total, predicted.first_token);
}

}  // namespace
}  // namespace tessera::inference
