// SPDX-License-Identifier: Apache-2.0
#include "common/concurrency/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "common/concurrency/notification.h"
#include "common/status/error.h"

namespace tessera {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Occupies every thread of a pool until released.
class Occupation {
 public:
  Occupation(WorkerPool& pool, int threads) : started_(threads) {
    for (int i = 0; i < threads; ++i) {
      EXPECT_TRUE(pool.TrySubmit([this] {
                        started_.count_down();
                        release_.Wait();
                      })
                      .ok());
    }
    started_.wait();
  }
  void Release() { release_.Notify(); }

 private:
  std::latch started_;
  Notification release_;
};

TEST(WorkerPoolTest, RunsTasksOnItsOwnThreadsInTheOrderTheyCame) {
  std::vector<int> order;
  std::set<std::thread::id> threads;
  {
    WorkerPool pool({.threads = 1, .max_queued = 10});
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(pool.TrySubmit([&, i] {
                        order.push_back(i);
                        threads.insert(std::this_thread::get_id());
                      })
                      .ok());
    }
  }
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(threads.size(), 1u);
  EXPECT_EQ(threads.count(std::this_thread::get_id()), 0u);
}

TEST(WorkerPoolTest, UsesAllItsThreadsAtOnce) {
  constexpr int kThreads = 4;
  WorkerPool pool({.threads = kThreads});
  Occupation occupation(pool, kThreads);
  EXPECT_EQ(pool.running(), kThreads);
  EXPECT_EQ(pool.queued(), 0);
  occupation.Release();
  pool.Shutdown();
  EXPECT_EQ(pool.running(), 0);
}

TEST(WorkerPoolTest, RefusesWhatItHasNoPlaceForAndSaysWhenToComeAgain) {
  WorkerPool pool({.threads = 1, .max_queued = 2, .name = "pictures"});
  Occupation occupation(pool, 1);
  ASSERT_TRUE(pool.TrySubmit([] {}).ok());
  ASSERT_TRUE(pool.TrySubmit([] {}).ok());
  EXPECT_EQ(pool.queued(), 2);
  const absl::Status refused = pool.TrySubmit([] { FAIL() << "ran though refused"; });
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), kQueueFull);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("pictures"));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("limit 2"));
  EXPECT_EQ(MetadataOf(refused, "queued"), "2");
  ASSERT_TRUE(RetryAfterOf(refused).has_value());
  EXPECT_GT(*RetryAfterOf(refused), absl::ZeroDuration());
  EXPECT_LE(*RetryAfterOf(refused), absl::Seconds(30));
  occupation.Release();
}

TEST(WorkerPoolTest, EstimatesTheWaitFromWhatTasksTook) {
  WorkerPool pool({.threads = 1, .max_queued = 3});
  Notification measured;
  ASSERT_TRUE(pool.TrySubmit([] {
                    const Notification never;
                    (void)never.WaitFor(absl::Milliseconds(50));
                  })
                  .ok());
  ASSERT_TRUE(pool.TrySubmit([&] { measured.Notify(); }).ok());
  measured.Wait();
  Occupation occupation(pool, 1);
  const absl::Duration average = pool.average_task_time();
  EXPECT_GE(average, absl::Milliseconds(40));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pool.TrySubmit([] {}).ok());
  EXPECT_EQ(RetryAfterOf(pool.TrySubmit([] {})), 4 * average) << "one running, three queued";
  occupation.Release();
}

TEST(WorkerPoolTest, WithoutAQueueTakesATaskOnlyForAFreeThread) {
  WorkerPool pool({.threads = 2, .max_queued = 0});
  Occupation occupation(pool, 2);
  EXPECT_EQ(ReasonOf(pool.TrySubmit([] {})), kQueueFull);
  occupation.Release();
}

TEST(WorkerPoolTest, RunsWhatItAcceptedThoughItIsShuttingDown) {
  std::atomic<int> ran{0};
  WorkerPool pool({.threads = 2, .max_queued = 100});
  Occupation occupation(pool, 2);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.TrySubmit([&] { ++ran; }).ok());
  std::thread first([&] { pool.Shutdown(); });
  std::thread second([&] { pool.Shutdown(); });
  absl::Status refused;
  while ((refused = pool.TrySubmit([&] { ++ran; })).code() != absl::StatusCode::kUnavailable) {
    std::this_thread::yield();
  }
  EXPECT_EQ(ReasonOf(refused), kDraining);
  occupation.Release();
  first.join();
  second.join();
  EXPECT_GE(ran, 100);
  EXPECT_EQ(pool.queued(), 0);
  EXPECT_EQ(ReasonOf(pool.TrySubmit([] {})), kDraining);
}

TEST(WorkerPoolTest, CallsOnThreadExitOnEachThreadAfterItsLastTask) {
  thread_local bool ran_a_task = false;
  std::atomic<int> exits{0};
  std::atomic<int> exits_after_tasks{0};
  {
    WorkerPool pool({.threads = 3, .max_queued = 0, .on_thread_exit = [&] {
                       ++exits;
                       if (ran_a_task) ++exits_after_tasks;
                     }});
    std::latch all_running(3);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(pool.TrySubmit([&] {
                        ran_a_task = true;
                        all_running.arrive_and_wait();
                      })
                      .ok());
    }
  }
  EXPECT_EQ(exits, 3);
  EXPECT_EQ(exits_after_tasks, 3);
}

TEST(WorkerPoolTest, AcceptsTasksThatCanOnlyBeMovedAndLetsThemGo) {
  auto kept = std::make_shared<int>(1);
  WorkerPool pool({.threads = 1, .max_queued = 4});
  ASSERT_TRUE(
      pool.TrySubmit([kept, owned = std::make_unique<int>(2)] { EXPECT_EQ(*owned, 2); }).ok());
  pool.Shutdown();
  EXPECT_EQ(kept.use_count(), 1);
  (void)pool.TrySubmit([kept] {});
  EXPECT_EQ(kept.use_count(), 1) << "a refused task is destroyed too";
}

TEST(WorkerPoolTest, LetsTasksSubmitTasks) {
  WorkerPool pool({.threads = 1, .max_queued = 1});
  Notification inner_ran;
  ASSERT_TRUE(
      pool.TrySubmit([&] { EXPECT_TRUE(pool.TrySubmit([&] { inner_ran.Notify(); }).ok()); }).ok());
  EXPECT_TRUE(inner_ran.WaitFor(absl::Seconds(20)));
}

TEST(WorkerPoolTest, RunsEveryAcceptedTaskOnceUnderContention) {
  constexpr int kSubmitters = 4;
  constexpr int kEach = 2000;
  std::vector<std::atomic<int>> runs(kSubmitters * kEach);
  std::atomic<int> accepted{0};
  {
    WorkerPool pool({.threads = 3, .max_queued = 16});
    std::vector<std::thread> submitters;
    for (int s = 0; s < kSubmitters; ++s) {
      submitters.emplace_back([&, s] {
        for (int i = 0; i < kEach; ++i) {
          std::atomic<int>& run = runs[static_cast<size_t>(s * kEach + i)];
          if (pool.TrySubmit([&run] { ++run; }).ok()) ++accepted;
        }
      });
    }
    for (std::thread& submitter : submitters) submitter.join();
  }
  int total = 0;
  for (const std::atomic<int>& run : runs) {
    EXPECT_LE(run, 1);
    total += run;
  }
  EXPECT_EQ(total, accepted);
}

}  // namespace
}  // namespace tessera
