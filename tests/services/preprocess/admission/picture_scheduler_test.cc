// SPDX-License-Identifier: Apache-2.0
//
// The scheduler in a world whose clock only the test moves and where every picture takes exactly
// what was predicted.
#include "services/preprocess/admission/picture_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "tests/support/pictures/random.h"
#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

using absl::Milliseconds;
using absl::StatusCode;
using ::testing::ElementsAre;
using testing::IsError;
using testing::IsOk;

PictureCost Quick(int ms = 10, uint64_t memory = 0) {
  return {.lane = Lane::kQuick,
          .work = Milliseconds(ms),
          .time = Milliseconds(ms),
          .memory_bytes = memory};
}

PictureCost Slow(int ms = 100, uint64_t memory = 0) {
  return {.lane = Lane::kSlow,
          .work = Milliseconds(ms),
          .time = Milliseconds(ms),
          .memory_bytes = memory};
}

class World {
 public:
  explicit World(PictureScheduler::Options options = {}) {
    options.now = [this] { return now_; };
    scheduler_ = std::make_unique<PictureScheduler>(std::move(options));
  }

  absl::Status Submit(const std::string& name, const PictureCost& cost,
                      absl::Duration allowed = absl::InfiniteDuration(), uint64_t file_bytes = 0) {
    PictureScheduler::Job job{.cost = cost, .file_bytes = file_bytes, .deadline = now_ + allowed};
    job.run = [this, name, cost](absl::Duration queued) {
      started_.push_back(name);
      waits_[name] = queued;
      ends_.push_back(now_ + cost.time);
    };
    absl::Status status = scheduler_->Submit(job);
    StartWhatMay();
    return status;
  }

  // Lets `time` pass.
  void Pass(absl::Duration time) {
    const absl::Time until = now_ + time;
    while (!running_.empty()) {
      const auto next = std::min_element(ends_.begin(), ends_.end());
      if (*next > until) break;
      now_ = std::max(now_, *next);
      const auto index = next - ends_.begin();
      scheduler_->Ended(running_[static_cast<size_t>(index)]);
      running_.erase(running_.begin() + index);
      ends_.erase(next);
      StartWhatMay();
    }
    now_ = until;
  }

  absl::Time now() const { return now_; }
  const std::vector<std::string>& started() const { return started_; }
  absl::Duration WaitOf(const std::string& name) { return waits_.at(name); }
  bool HasStarted(const std::string& name) const { return waits_.contains(name); }
  size_t running() const { return running_.size(); }
  PictureScheduler& scheduler() { return *scheduler_; }

 private:
  void StartWhatMay() {
    while (auto taken = scheduler_->TryNext()) {
      running_.push_back(taken->ticket);
      taken->run(taken->queued);
    }
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  std::unique_ptr<PictureScheduler> scheduler_;
  std::vector<PictureScheduler::Ticket> running_;
  std::vector<absl::Time> ends_;
  std::vector<std::string> started_;
  std::map<std::string, absl::Duration> waits_;
};

TEST(PictureSchedulerTest, StartsPicturesInTheOrderInWhichTheyCame) {
  World world({.workers = 1});
  for (const char* name : {"a", "b", "c"}) ASSERT_THAT(world.Submit(name, Quick()), IsOk());
  world.Pass(Milliseconds(100));
  EXPECT_THAT(world.started(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(world.WaitOf("c"), Milliseconds(20));
}

TEST(PictureSchedulerTest, AFloodOfSlowPicturesNeverKeepsAQuickOneWaiting) {
  World world({.workers = 4});
  for (int i = 0; i < 40; ++i) {
    ASSERT_THAT(world.Submit("slow" + std::to_string(i), Slow(500)), IsOk());
  }
  EXPECT_EQ(world.running(), 3u) << "one worker is kept";
  for (int i = 0; i < 20; ++i) {
    const std::string name = "quick" + std::to_string(i);
    ASSERT_THAT(world.Submit(name, Quick()), IsOk());
    EXPECT_EQ(world.WaitOf(name), absl::ZeroDuration());
    world.Pass(Milliseconds(37));
  }
}

TEST(PictureSchedulerTest, AFloodOfQuickPicturesDoesNotStarveASlowOne) {
  World world({.workers = 2, .max_queued = 1000});
  for (int i = 0; i < 500; ++i) {
    ASSERT_THAT(world.Submit("quick" + std::to_string(i), Quick()), IsOk());
  }
  ASSERT_THAT(world.Submit("slow", Slow()), IsOk());
  world.Pass(Milliseconds(20));
  EXPECT_TRUE(world.HasStarted("slow"));
}

TEST(PictureSchedulerTest, OneWorkerIsSharedByWorkNotByNumber) {
  World world({.workers = 1, .max_queued = 1000});
  for (int i = 0; i < 300; ++i) {
    ASSERT_THAT(world.Submit("q" + std::to_string(i), Quick(10)), IsOk());
  }
  for (int i = 0; i < 30; ++i) {
    ASSERT_THAT(world.Submit("s" + std::to_string(i), Slow(100)), IsOk());
  }
  world.Pass(absl::Seconds(2));
  const auto quick = std::count_if(world.started().begin(), world.started().end(),
                                   [](const std::string& name) { return name[0] == 'q'; });
  EXPECT_NEAR(static_cast<double>(quick), 100, 12);
  EXPECT_NEAR(static_cast<double>(world.started().size()) - static_cast<double>(quick), 10, 2);
}

TEST(PictureSchedulerTest, IdleTimeIsNoCredit) {
  World world({.workers = 1, .max_queued = 1000});
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(world.Submit("q" + std::to_string(i), Quick(10)), IsOk());
  }
  world.Pass(Milliseconds(500));
  // The slow lane has had nothing so far; were that a credit, five slow ones would go first.
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(world.Submit("s" + std::to_string(i), Slow(100)), IsOk());
  }
  world.Pass(Milliseconds(250));
  EXPECT_FALSE(world.HasStarted("s2"));
}

TEST(PictureSchedulerTest, MemoryIsTakenBeforeAPictureStarts) {
  World world({.workers = 4, .memory_budget_bytes = 100});
  ASSERT_THAT(world.Submit("a", Quick(10, 60)), IsOk());
  ASSERT_THAT(world.Submit("b", Quick(10, 60)), IsOk());
  EXPECT_FALSE(world.HasStarted("b"));
  EXPECT_EQ(world.scheduler().load().memory_in_use_bytes, 60);
  world.Pass(Milliseconds(10));
  EXPECT_TRUE(world.HasStarted("b"));
}

TEST(PictureSchedulerTest, BesideAPictureLargerThanTheBudgetRunOnlySmallOnes) {
  World world({.workers = 4, .memory_budget_bytes = 100});
  ASSERT_THAT(world.Submit("first", Quick(10, 30)), IsOk());
  ASSERT_THAT(world.Submit("huge", Slow(100, 1000)), IsOk());
  EXPECT_FALSE(world.HasStarted("huge"));
  world.Pass(Milliseconds(10));
  EXPECT_TRUE(world.HasStarted("huge"));
  ASSERT_THAT(world.Submit("small", Quick(10, 20)), IsOk());
  EXPECT_TRUE(world.HasStarted("small"));
  ASSERT_THAT(world.Submit("next", Quick(10, 30)), IsOk());
  EXPECT_FALSE(world.HasStarted("next"));
  world.Pass(Milliseconds(100));
  EXPECT_TRUE(world.HasStarted("next"));
}

TEST(PictureSchedulerTest, WhatWaitsForMemoryIsOvertakenABoundedNumberOfTimes) {
  World world({.workers = 4, .max_queued = 1000, .memory_budget_bytes = 100});
  ASSERT_THAT(world.Submit("first", Quick(10, 50)), IsOk());
  ASSERT_THAT(world.Submit("large", Slow(100, 90)), IsOk());
  for (int i = 0; i < 200; ++i) {
    ASSERT_THAT(world.Submit("q" + std::to_string(i), Quick(10, 50)), IsOk());
  }
  world.Pass(Milliseconds(200));
  EXPECT_TRUE(world.HasStarted("large"));
  EXPECT_LE(world.WaitOf("large"), Milliseconds(100));
}

TEST(PictureSchedulerTest, AFullQueueRefusesAndEveryRefusedCallerFindsAPlaceWhenTold) {
  World world({.workers = 2, .max_queued = 4});
  for (int i = 0; i < 6; ++i) {
    ASSERT_THAT(world.Submit("a" + std::to_string(i), Quick(10 + i)), IsOk());
  }
  std::vector<absl::Time> promised;
  for (int i = 0; i < 4; ++i) {
    const absl::Status refused = world.Submit("b", Quick());
    ASSERT_THAT(refused, IsError(StatusCode::kResourceExhausted, "QUEUE_FULL"));
    ASSERT_TRUE(RetryAfterOf(refused).has_value());
    promised.push_back(world.now() + *RetryAfterOf(refused));
  }
  EXPECT_TRUE(std::is_sorted(promised.begin(), promised.end()));
  EXPECT_LE(promised[0] - world.now(), Milliseconds(12));
  for (size_t i = 0; i < promised.size(); ++i) {
    world.Pass(promised[i] - world.now());
    EXPECT_THAT(world.Submit("c" + std::to_string(i), Quick()), IsOk());
  }
}

TEST(PictureSchedulerTest, FilesHeldAreBoundedToo) {
  World world({.workers = 1, .max_queued = 100, .max_held_bytes = 100});
  ASSERT_THAT(world.Submit("a", Quick(10), absl::InfiniteDuration(), 60), IsOk());
  ASSERT_THAT(world.Submit("b", Quick(10), absl::InfiniteDuration(), 40), IsOk());
  const absl::Status refused = world.Submit("c", Quick(10), absl::InfiniteDuration(), 70);
  ASSERT_THAT(refused, IsError(StatusCode::kResourceExhausted, "QUEUE_FULL"));
  EXPECT_EQ(*RetryAfterOf(refused), Milliseconds(20)) << "both files have to go";
  world.Pass(*RetryAfterOf(refused));
  EXPECT_THAT(world.Submit("c", Quick(10), absl::InfiniteDuration(), 70), IsOk());
}

TEST(PictureSchedulerTest, ADeadlineThatCannotBeMetIsRefusedAtOnceAndTheAdviceIsTrue) {
  World world({.workers = 1});
  for (int i = 0; i < 5; ++i) {
    ASSERT_THAT(world.Submit("a" + std::to_string(i), Quick(10)), IsOk());
  }
  const absl::Status refused = world.Submit("b", Quick(10), Milliseconds(30));
  ASSERT_THAT(refused, IsError(StatusCode::kResourceExhausted, "DEADLINE_UNMEETABLE"));
  EXPECT_EQ(MetadataOf(refused, "predictedWaitMs"), "50");
  EXPECT_EQ(*RetryAfterOf(refused), Milliseconds(30));
  world.Pass(*RetryAfterOf(refused) - Milliseconds(1));
  EXPECT_THAT(world.Submit("b", Quick(10), Milliseconds(30)),
              IsError(StatusCode::kResourceExhausted, "DEADLINE_UNMEETABLE"));
  world.Pass(Milliseconds(1));
  EXPECT_THAT(world.Submit("b", Quick(10), Milliseconds(30)), IsOk());
}

TEST(PictureSchedulerTest, APictureThatAloneTakesTooLongGetsNoAdviceToWait) {
  World world({.workers = 1});
  const absl::Status refused = world.Submit("a", Slow(100), Milliseconds(30));
  ASSERT_THAT(refused, IsError(StatusCode::kResourceExhausted, "DEADLINE_UNMEETABLE"));
  EXPECT_FALSE(RetryAfterOf(refused).has_value());
}

TEST(PictureSchedulerTest, PredictedWaitsComeTrueWhenNobodyElseComes) {
  testing::Random random(4);
  for (int round = 0; round < 200; ++round) {
    World world({.workers = 1 + static_cast<int>(random.Below(4)),
                 .max_queued = 100,
                 .memory_budget_bytes = 100});
    for (uint32_t i = 0; i < random.Below(40); ++i) {
      const auto ms = static_cast<int>(1 + random.Below(50));
      const uint64_t memory = random.Below(120);
      ASSERT_THAT(world.Submit("x" + std::to_string(i),
                               random.Below(2) == 0 ? Quick(ms, memory) : Slow(3 * ms, memory)),
                  IsOk());
      world.Pass(Milliseconds(random.Below(20)));
    }
    const PictureCost cost = random.Below(2) == 0 ? Quick(10, 50) : Slow(100, 50);
    const absl::Duration predicted = world.scheduler().PredictedWait(cost);
    ASSERT_THAT(world.Submit("last", cost), IsOk());
    world.Pass(absl::Minutes(1));
    ASSERT_EQ(world.WaitOf("last"), predicted) << round;
  }
}

TEST(PictureSchedulerTest, NothingIsLostAndBudgetsHoldUnderRandomLoad) {
  testing::Random random(5);
  World world({.workers = 3, .max_queued = 10, .memory_budget_bytes = 100, .max_held_bytes = 50});
  std::vector<std::string> accepted;
  for (int i = 0; i < 5000; ++i) {
    const std::string name = std::to_string(i);
    const auto ms = static_cast<int>(1 + random.Below(30));
    const PictureCost cost =
        random.Below(3) == 0 ? Slow(4 * ms, random.Below(80)) : Quick(ms, random.Below(30));
    if (world.Submit(name, cost, Milliseconds(random.Below(400)), random.Below(20)).ok()) {
      accepted.push_back(name);
    }
    const auto load = world.scheduler().load();
    ASSERT_LE(load.memory_in_use_bytes, 100);
    ASSERT_LE(load.held_bytes, 50);
    ASSERT_LE(load.running[0] + load.running[1], 3);
    ASSERT_LE(load.running[1], 2);
    world.Pass(Milliseconds(random.Below(20)));
  }
  world.Pass(absl::Minutes(1));
  for (const std::string& name : accepted) ASSERT_TRUE(world.HasStarted(name));
  const auto load = world.scheduler().load();
  EXPECT_EQ(load.queued[0] + load.queued[1] + load.running[0] + load.running[1], 0);
  EXPECT_EQ(load.memory_in_use_bytes + load.held_bytes, 0);
  EXPECT_GT(accepted.size(), 1000u);
}

TEST(PictureSchedulerTest, DrainingRefusesAndFinishesWhatWasAccepted) {
  World world({.workers = 1});
  ASSERT_THAT(world.Submit("a", Quick()), IsOk());
  ASSERT_THAT(world.Submit("b", Quick()), IsOk());
  world.scheduler().Drain();
  EXPECT_THAT(world.Submit("c", Quick()), IsError(StatusCode::kUnavailable, "DRAINING"));
  world.Pass(Milliseconds(30));
  EXPECT_TRUE(world.HasStarted("b"));
  EXPECT_FALSE(world.scheduler().Next().has_value());
}

}  // namespace
}  // namespace tessera::preprocess
