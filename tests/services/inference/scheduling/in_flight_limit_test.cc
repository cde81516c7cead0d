// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/in_flight_limit.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;
using testing::IsOk;

auto IsFull() { return IsError(absl::StatusCode::kResourceExhausted, "QUEUE_FULL"); }

TEST(InFlightLimitTest, BoundsTheNumberOfRequests) {
  InFlightLimit limit(2, 1'000);
  EXPECT_THAT(limit.Acquire(1), IsOk());
  EXPECT_THAT(limit.Acquire(1), IsOk());
  const absl::Status full = limit.Acquire(1);
  EXPECT_THAT(full, IsFull());
  EXPECT_EQ(MetadataOf(full, "inFlight"), "2");
  EXPECT_EQ(MetadataOf(full, "limitRequests"), "2");
  EXPECT_EQ(RetryAfterOf(full), absl::Seconds(1));
  limit.Release(1);
  EXPECT_THAT(limit.Acquire(1), IsOk());
}

TEST(InFlightLimitTest, BoundsTheirBytes) {
  InFlightLimit limit(100, 1'000);
  EXPECT_THAT(limit.Acquire(600), IsOk());
  EXPECT_THAT(limit.Acquire(401), IsFull());
  EXPECT_THAT(limit.Acquire(400), IsOk());
  EXPECT_THAT(limit.Acquire(1), IsFull());
  limit.Release(600);
  EXPECT_THAT(limit.Acquire(600), IsOk());
}

TEST(InFlightLimitTest, LetsAHugeRequestInWhenItIsAlone) {
  InFlightLimit limit(100, 1'000);
  EXPECT_THAT(limit.Acquire(5'000), IsOk());
  EXPECT_THAT(limit.Acquire(0), IsFull());
  limit.Release(5'000);
  EXPECT_THAT(limit.Acquire(1), IsOk());
  EXPECT_THAT(limit.Acquire(5'000), IsFull());
}

TEST(InFlightLimitTest, HoldsWhenManyThreadsAsk) {
  InFlightLimit limit(3, 1'000);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (!limit.Acquire(10).ok()) continue;
        const int now = ++inside;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        --inside;
        limit.Release(10);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 3);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(limit.Acquire(10), IsOk());
}

}  // namespace
}  // namespace tessera::inference
