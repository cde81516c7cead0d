// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/circuit_breaker.h"

#include <gtest/gtest.h>

namespace tessera::inference {
namespace {

using State = CircuitBreaker::State;

const absl::Time kStart = absl::FromUnixSeconds(1'000);

CircuitBreaker Opened() {
  CircuitBreaker breaker({.failures_to_open = 3});
  for (int i = 0; i < 3; ++i) breaker.OnFailure(kStart);
  return breaker;
}

TEST(CircuitBreakerTest, OpensAfterFailuresInARowOnly) {
  CircuitBreaker breaker({.failures_to_open = 3});
  breaker.OnFailure(kStart);
  breaker.OnFailure(kStart);
  breaker.OnSuccess();
  breaker.OnFailure(kStart);
  breaker.OnFailure(kStart);
  EXPECT_EQ(breaker.state(kStart), State::kClosed);
  EXPECT_TRUE(breaker.Admit(kStart));
  breaker.OnFailure(kStart);
  EXPECT_EQ(breaker.state(kStart), State::kOpen);
  EXPECT_FALSE(breaker.Admit(kStart));
}

TEST(CircuitBreakerTest, LetsOneProbeThroughAfterThePause) {
  CircuitBreaker breaker = Opened();
  const absl::Time later = kStart + absl::Seconds(1);
  EXPECT_FALSE(breaker.Admit(later - absl::Nanoseconds(1)));
  EXPECT_EQ(breaker.state(later), State::kHalfOpen);
  EXPECT_TRUE(breaker.Admit(later));
  EXPECT_FALSE(breaker.Admit(later));
}

TEST(CircuitBreakerTest, AProbeThatSucceedsClosesIt) {
  CircuitBreaker breaker = Opened();
  const absl::Time later = kStart + absl::Seconds(1);
  ASSERT_TRUE(breaker.Admit(later));
  breaker.OnSuccess();
  EXPECT_EQ(breaker.state(later), State::kClosed);
  EXPECT_TRUE(breaker.Admit(later));
  EXPECT_TRUE(breaker.Admit(later));
}

TEST(CircuitBreakerTest, APauseDoublesWithEachProbeThatFailsUpToItsLimit) {
  CircuitBreaker breaker = Opened();
  absl::Time now = kStart;
  for (const int seconds : {1, 2, 4, 8, 16, 30, 30}) {
    EXPECT_EQ(breaker.pause_end() - now, absl::Seconds(seconds));
    now = breaker.pause_end();
    ASSERT_TRUE(breaker.Admit(now));
    breaker.OnFailure(now);
  }
}

TEST(CircuitBreakerTest, AProbeThatSaysNothingMakesRoomForAnother) {
  CircuitBreaker breaker = Opened();
  const absl::Time later = kStart + absl::Seconds(1);
  ASSERT_TRUE(breaker.Admit(later));
  breaker.OnNoVerdict();
  EXPECT_EQ(breaker.state(later), State::kHalfOpen);
  EXPECT_TRUE(breaker.Admit(later));
}

TEST(CircuitBreakerTest, FailuresOfRequestsThatWereUnderWayDoNotProlongThePause) {
  CircuitBreaker breaker = Opened();
  const absl::Time end = breaker.pause_end();
  breaker.OnFailure(kStart + absl::Milliseconds(500));
  EXPECT_EQ(breaker.pause_end(), end);
}

TEST(CircuitBreakerTest, GoodNewsFromElsewhereEndsThePause) {
  CircuitBreaker breaker = Opened();
  const absl::Time soon = kStart + absl::Milliseconds(10);
  breaker.EndPause(soon);
  EXPECT_EQ(breaker.state(soon), State::kHalfOpen);
  EXPECT_TRUE(breaker.Admit(soon));
}

}  // namespace
}  // namespace tessera::inference
