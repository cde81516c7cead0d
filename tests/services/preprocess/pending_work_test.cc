// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/pending_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace tessera::preprocess {
namespace {

TEST(PendingWorkTest, EndsWithTheLastPiece) {
  PendingWork work;
  work.Begin();
  work.Begin();
  EXPECT_FALSE(work.End());
  EXPECT_FALSE(work.End());
  EXPECT_TRUE(work.End());
  EXPECT_TRUE(work.error().ok());
}

TEST(PendingWorkTest, EndsWithWhoeverMadeItWhenNothingWasBegun) {
  PendingWork work;
  EXPECT_TRUE(work.End());
}

TEST(PendingWorkTest, KeepsTheFirstError) {
  PendingWork work;
  EXPECT_TRUE(work.Fail(absl::InternalError("first")));
  EXPECT_FALSE(work.Fail(absl::CancelledError("consequence")));
  EXPECT_EQ(work.error(), absl::InternalError("first"));
  EXPECT_TRUE(work.End());
}

TEST(PendingWorkTest, HasOneLastPieceAndOneFirstErrorAmongManyThreads) {
  for (int round = 0; round < 50; ++round) {
    PendingWork work;
    std::atomic<int> last = 0;
    std::atomic<int> first = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      work.Begin();
      threads.emplace_back([&, i] {
        if (work.Fail(absl::InternalError(std::to_string(i)))) ++first;
        if (work.End()) ++last;
      });
    }
    if (work.End()) ++last;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(last, 1);
    EXPECT_EQ(first, 1);
    EXPECT_FALSE(work.error().ok());
  }
}

}  // namespace
}  // namespace tessera::preprocess
