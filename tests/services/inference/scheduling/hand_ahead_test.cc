// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/hand_ahead.h"

#include <gtest/gtest.h>

#include "tests/services/inference/scheduling/model_lane_fixture.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;
using testing::MetricValue;
using Verdict = ModelLane::Verdict;

// An engine that reads the model's metadata for a fifth of a second for each request, and then
// needs a slot for a second.
class HandAheadTest : public ModelLaneTest {
 protected:
  static constexpr absl::Duration kLoad = absl::Milliseconds(200);
  static constexpr absl::Duration kInSlot = absl::Seconds(1);

  void MakeKnown(uint32_t slots, LaneLimits limits = {}) {
    Make(slots, limits);
    for (int i = 0; i < 5; ++i) {
      auto job = Job();
      ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
      End(*job, job->started_at);
    }
  }
  // The engine took `began` for the beginning of the metadata and then what it always takes.
  ModelLane::Work End(LaneJob& job, absl::Time began) {
    ModelLane::End end;
    const absl::Duration before = began - job.started_at;
    end.timing = {.size = job.size,
                  .output_tokens = 50,
                  .first_token = before + kLoad + absl::Milliseconds(20),
                  .total = before + kLoad + kInSlot,
                  .engine_load = kLoad,
                  .engine_prefill = absl::Milliseconds(10)};
    return lane_->Finish(job, end, now_);
  }
  // `running` has the slot, and `next` goes shortly before that is expected to be free.
  void HandAhead(const std::shared_ptr<LaneJob>& running, const std::shared_ptr<LaneJob>& next) {
    ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
    now_ += kInSlot;
    ASSERT_EQ(Admit(next).verdict, Verdict::kRun);
  }
  double HandedAhead() {
    return MetricValue(registry_, "tessera_inference_handed_ahead_total", kLane).value_or(-1);
  }
};

TEST_F(HandAheadTest, TheNextJobGoesTwoLoadsBeforeASlotIsExpectedToBeFree) {
  MakeKnown(1);
  auto running = Job(), next = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(next).verdict, Verdict::kQueued);
  now_ += kLoad + kInSlot - 2 * kLoad - absl::Milliseconds(10);
  EXPECT_TRUE(lane_->Tick(now_).work.granted.empty());
  now_ += absl::Milliseconds(20);
  const auto work = lane_->Tick(now_).work;
  ASSERT_EQ(work.granted.size(), 1U);
  EXPECT_EQ(work.granted[0], next);
  EXPECT_TRUE(next->handed_ahead);
  EXPECT_FALSE(next->in_slot);
  EXPECT_EQ(HandedAhead(), 1);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots_busy", kLane), 1);
}

TEST_F(HandAheadTest, AJobThatComesWhenASlotIsAboutToBeFreeGoesAtOnce) {
  MakeKnown(1);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += kInSlot;
  auto next = Job();
  EXPECT_EQ(Admit(next).verdict, Verdict::kRun);
  EXPECT_FALSE(next->in_slot);
  EXPECT_NEAR(absl::ToDoubleSeconds(next->predicted_wait), 0.2, 0.05);
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued) << "there is one slot to be free";
}

TEST_F(HandAheadTest, ItHasTheSlotWhenTheOneBeforeItEndsAndItsWaitIsCountedUntilThen) {
  MakeKnown(1);
  auto running = Job(), next = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(next).verdict, Verdict::kQueued);
  now_ += kInSlot;
  ASSERT_EQ(lane_->Tick(now_).work.granted.size(), 1U);
  now_ += kLoad;
  EXPECT_TRUE(End(*running, running->started_at).granted.empty());
  EXPECT_TRUE(next->in_slot);
  EXPECT_EQ(next->waited, kInSlot + kLoad);
  EXPECT_EQ(next->slot_at, now_);
  EXPECT_NEAR(absl::ToDoubleSeconds(next->expected_end - now_), 1, 0.05)
      << "its metadata is read already";
  EXPECT_EQ(lane_->Tick(now_).prefilling, LaneJobs{next});
}

TEST_F(HandAheadTest, WhatItTakesIsLearntWithoutTheTimeBeforeItsSlot) {
  MakeKnown(1);
  auto job = Job();
  ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
  for (int i = 0; i < 20; ++i) {
    // One that was handed ahead has its load behind it when it gets the slot.
    const absl::Time began = i == 0 ? job->slot_at : job->slot_at - kLoad;
    now_ = began + kLoad + kInSlot - 2 * kLoad;
    auto next = Job();
    ASSERT_EQ(Admit(next).verdict, Verdict::kRun);
    now_ += 2 * kLoad;
    End(*job, began);
    job = next;
  }
  const auto outlook = lane_->OutlookFor(*Job(), now_);
  EXPECT_NEAR(absl::ToDoubleSeconds(outlook.finish - outlook.wait), 1, 0.05);
  EXPECT_NEAR(absl::ToDoubleSeconds(Admit(Job()).queued.predicted_wait), 1, 0.05);
  EXPECT_NEAR(absl::ToDoubleSeconds(Admit(Job()).queued.predicted_wait), 2, 0.1)
      << "the load of the one before is hidden";
}

TEST_F(HandAheadTest, ALateFirstTokenPutsOffTheNextJob) {
  MakeKnown(1);
  auto running = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  now_ += kInSlot;
  lane_->OnFirstToken(*running, now_);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  now_ += kInSlot - 2 * kLoad - absl::Milliseconds(50);
  EXPECT_TRUE(lane_->Tick(now_).work.granted.empty());
  now_ += absl::Milliseconds(50);
  EXPECT_EQ(lane_->Tick(now_).work.granted.size(), 1U);
}

TEST_F(HandAheadTest, AsManyGoAheadAsSlotsAreAboutToBeFree) {
  MakeKnown(3);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += absl::Milliseconds(500);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  now_ += absl::Milliseconds(400);
  EXPECT_EQ(lane_->Tick(now_).work.granted.size(), 2U);
  now_ += absl::Milliseconds(500);
  EXPECT_EQ(lane_->Tick(now_).work.granted.size(), 1U);
}

TEST_F(HandAheadTest, OneThatIsCancelledBeforeItHadASlotHoldsNone) {
  MakeKnown(1);
  auto running = Job(), next = Job(), last = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  now_ += kInSlot;
  next->expected_first_token = now_ + absl::Seconds(5);  // Of an earlier try.
  ASSERT_EQ(Admit(next).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(last).verdict, Verdict::kQueued);
  const auto work = lane_->Finish(
      *next, {.kind = ModelLane::EndKind::kCancelled, .cancelled_at = now_, .timing = {}}, now_);
  EXPECT_TRUE(work.granted.empty()) << "the engine still reads for the one that left";
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots_unreleased", kLane), 0);
  now_ += kLoad;
  EXPECT_EQ(lane_->Tick(now_).work.granted, LaneJobs{last}) << "in its place";
}

TEST_F(HandAheadTest, ItsSilenceIsNoTimeout) {
  MakeKnown(1, {.first_token_timeout = absl::Seconds(3), .wedge_silence = absl::Seconds(1)});
  auto running = Job(), next = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  now_ += kLoad;
  lane_->OnFirstToken(*running, now_);
  now_ += kInSlot;
  ASSERT_EQ(Admit(next).verdict, Verdict::kRun);
  for (int i = 0; i < 50; ++i) {
    now_ += absl::Milliseconds(500);
    ++running->pieces;
    const auto look = lane_->Tick(now_);
    EXPECT_TRUE(look.stuck.empty());
    EXPECT_TRUE(look.work.granted.empty());
  }
}

TEST_F(HandAheadTest, TwoThatFailAfterALongSilenceAheadAreNoWedge) {
  MakeKnown(1, {.wedge_silence = absl::Seconds(1)});
  auto running = Job(), next = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  lane_->OnFirstToken(*running, now_ + kLoad);
  now_ += kInSlot;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(Admit(next).verdict, Verdict::kRun);
    now_ += absl::Seconds(20);
    ++running->pieces;
    EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
    Fail(*next);
  }
  EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
}

TEST_F(HandAheadTest, AWedgeCallsBackThoseThatWereHandedAheadToo) {
  MakeKnown(1, {.wedge_silence = absl::Seconds(1)});
  auto running = Job(), next = Job();
  ASSERT_NO_FATAL_FAILURE(HandAhead(running, next));
  now_ += absl::Seconds(10);
  EXPECT_EQ(lane_->Tick(now_).stuck.size(), 2U);
  const auto look = lane_->Tick(now_);
  ASSERT_EQ(look.stuck.size(), 2U) << "again: one that was being started may not have heard it";
  EXPECT_THAT(look.stuck[1].second, IsError(absl::StatusCode::kUnavailable, "ENGINE_WEDGED"));
}

TEST_F(HandAheadTest, NothingGoesAheadDuringACure) {
  MakeKnown(1, {.wedge_silence = absl::Seconds(1)});
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += absl::Seconds(30);
  ASSERT_EQ(lane_->Tick(now_).stuck.size(), 1U);
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued);
}

TEST_F(HandAheadTest, AFirstTokenBeforeTheOthersEndIsHeardGivesItTheSlot) {
  MakeKnown(1);
  auto running = Job(), next = Job();
  ASSERT_NO_FATAL_FAILURE(HandAhead(running, next));
  lane_->OnFirstToken(*next, now_);
  EXPECT_TRUE(next->in_slot);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued) << "one more than slots runs";
  End(*running, running->started_at);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots_busy", kLane), 1);
}

TEST_F(HandAheadTest, PiecesThatAreHeardLateProveNoSecondSlot) {
  Make(std::nullopt);
  auto running = Job();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
    End(*running, running->started_at);
  }
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  auto tried = Job(), next = Job();
  ASSERT_EQ(Admit(tried).verdict, Verdict::kRun) << "an experiment";
  Fail(*tried);
  lane_->OnFirstToken(*running, now_ + kLoad);
  now_ += kInSlot;
  ASSERT_EQ(Admit(next).verdict, Verdict::kRun);
  ASSERT_TRUE(next->handed_ahead);
  // All of this waited in the sockets while our thread did not run.
  lane_->OnFirstToken(*next, now_);
  next->pieces += 5;
  running->pieces += 5;
  End(*running, running->started_at);
  lane_->Tick(now_);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots", kLane), 1);
}

TEST_F(HandAheadTest, ALongWaitAheadIsNoSignOfALongAnswer) {
  MakeKnown(1);
  auto running = Job(), next = Job();
  ASSERT_NO_FATAL_FAILURE(HandAhead(running, next));
  now_ += absl::Seconds(100);
  End(*running, running->started_at);
  EXPECT_NEAR(absl::ToDoubleSeconds(Admit(Job()).queued.predicted_wait), 1, 0.1);
}

TEST_F(HandAheadTest, WhatWaitsAheadCountsForThoseBehind) {
  MakeKnown(1);
  ASSERT_NO_FATAL_FAILURE(HandAhead(Job(), Job()));
  EXPECT_NEAR(absl::ToDoubleSeconds(Admit(Job()).queued.predicted_wait), 1.2, 0.05);
  EXPECT_EQ(
      MetricValue(registry_, "tessera_inference_queue_depth",
                  {{"backend", "b"}, {"gen_ai_request_model", "m"}, {"priority", "interactive"}}),
      2)
      << "it waits, too";
}

TEST_F(HandAheadTest, ADeadlineCountsTheLoadThatTheWaitDoesNotHide) {
  MakeKnown(1);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += kInSlot + kLoad - absl::Milliseconds(50);
  auto hasty = Job();
  hasty->deadline = now_ + absl::Milliseconds(1'150);
  EXPECT_EQ(Admit(hasty).verdict, Verdict::kRefused) << "a fifth of a second and a second";
  hasty->deadline = now_ + absl::Milliseconds(1'300);
  EXPECT_EQ(Admit(hasty).verdict, Verdict::kRun);
}

TEST_F(HandAheadTest, AReloadIsNoWarmLoad) {
  MakeKnown(1);
  for (int i = 0; i < 16; ++i) {
    auto job = Job();
    job->runtime_key = i % 2 == 0 ? "num_ctx=8192" : "";
    ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
    ModelLane::End end;
    end.timing = {.size = job->size,
                  .output_tokens = 50,
                  .first_token = absl::Seconds(5),
                  .total = absl::Seconds(6),
                  .engine_load = absl::Seconds(5)};
    lane_->Finish(*job, end, now_);
  }
  auto same = Job(), other = Job();
  other->runtime_key = "num_ctx=8192";
  EXPECT_NEAR(absl::ToDoubleSeconds(lane_->OutlookFor(*same, now_).finish), 1.2, 0.1);
  EXPECT_NEAR(absl::ToDoubleSeconds(lane_->OutlookFor(*other, now_).finish), 6.2, 0.3);
}

TEST_F(HandAheadTest, BatchWaitsForItsSlotWhileOthersUseTheModel) {
  MakeKnown(1, {.wedge_silence = absl::Minutes(10)});
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += kInSlot;
  auto batch = Job("c", JobPriority::kBatch);
  EXPECT_EQ(Admit(batch).verdict, Verdict::kQueued);
  now_ += absl::Minutes(1);
  EXPECT_EQ(lane_->Tick(now_).work.granted, LaneJobs{batch}) << "nobody else came for a minute";
}

TEST_F(HandAheadTest, NothingGoesAheadOfAModelThatIsNotThereOrACircuitThatIsNotClosed) {
  MakeKnown(1, {.breaker = {.failures_to_open = 1}});
  auto running = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  now_ += kInSlot;
  lane_->OnEngineLook(true, nullptr, now_);
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued) << "not loaded";

  MakeKnown(2, {.breaker = {.failures_to_open = 1}});
  auto failing = Job();
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(failing).verdict, Verdict::kRun);
  Fail(*failing);
  now_ += absl::Seconds(1);
  auto probe = Job();
  ASSERT_EQ(Admit(probe).verdict, Verdict::kRun);
  now_ += kInSlot;
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued) << "a probe is under way";

  MakeKnown(1, {.breaker = {.failures_to_open = 1}});
  auto ahead = Job();
  ASSERT_NO_FATAL_FAILURE(HandAhead(Job(), ahead));
  Fail(*ahead);
  now_ += absl::Seconds(1);
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued) << "a probe needs a slot";
}

TEST_F(HandAheadTest, JobsThatWouldReloadTheModelWait) {
  MakeKnown(1);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += kInSlot;
  auto other = Job();
  other->runtime_key = "num_ctx=8192";
  EXPECT_EQ(Admit(other).verdict, Verdict::kQueued);
}

TEST_F(HandAheadTest, NothingGoesAheadWhereThereIsLittleToWinOrTheOperatorSaysSo) {
  Make(1);
  LearnASecond();
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += absl::Seconds(1);
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued) << "this engine reads nothing";

  Make(1);
  for (int i = 0; i < 2; ++i) {
    auto job = Job();
    ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
    End(*job, job->started_at);
  }
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += kInSlot;
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued) << "two answers show little";

  EXPECT_EQ(LeadBeforeSlot({.warm_load = kLoad, .total = 49 * kLoad}), 2 * kLoad);
  EXPECT_EQ(LeadBeforeSlot({.warm_load = kLoad, .total = 51 * kLoad}), absl::ZeroDuration());

  MakeKnown(1, {.hand_ahead = false});
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += kInSlot;
  EXPECT_EQ(Admit(Job()).verdict, Verdict::kQueued);
}

}  // namespace
}  // namespace tessera::inference
