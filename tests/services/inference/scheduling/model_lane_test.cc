// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/model_lane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/services/inference/scheduling/model_lane_fixture.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;
using testing::IsOk;
using testing::MetricValue;
using Verdict = ModelLane::Verdict;
using ::testing::HasSubstr;

TEST_F(ModelLaneTest, RunsAsManyAsThereAreSlotsAndQueuesTheRest) {
  Make(2);
  auto a = Job(), b = Job(), c = Job();
  EXPECT_EQ(Admit(a).verdict, Verdict::kRun);
  EXPECT_EQ(Admit(b).verdict, Verdict::kRun);
  const auto admission = Admit(c);
  EXPECT_EQ(admission.verdict, Verdict::kQueued);
  EXPECT_EQ(admission.queued.position, 0U);
  EXPECT_GT(admission.queued.predicted_wait, absl::ZeroDuration());
  const auto work = Answer(*a);
  ASSERT_EQ(work.granted.size(), 1U);
  EXPECT_EQ(work.granted[0], c);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots_busy", kLane), 2);
}

TEST_F(ModelLaneTest, PredictsTheWaitFromWhatItHasLearnt) {
  Make(1);
  LearnASecond();
  auto running = Job();
  ASSERT_EQ(Admit(running).verdict, Verdict::kRun);
  EXPECT_NEAR(absl::ToDoubleSeconds(Admit(Job()).queued.predicted_wait), 1, 0.2);
  EXPECT_NEAR(absl::ToDoubleSeconds(Admit(Job()).queued.predicted_wait), 2, 0.4);
  now_ += absl::Milliseconds(500);
  EXPECT_NEAR(absl::ToDoubleSeconds(Admit(Job()).queued.predicted_wait), 2.5, 0.5);
}

TEST_F(ModelLaneTest, ADeadlineThatCannotBeMetIsRefusedAtOnceWithTheWait) {
  Make(1);
  LearnASecond();
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  auto hasty = Job();
  hasty->deadline = now_ + absl::Milliseconds(1'500);
  const auto admission = Admit(hasty);
  EXPECT_EQ(admission.verdict, Verdict::kRefused);
  EXPECT_THAT(admission.refusal,
              IsError(absl::StatusCode::kResourceExhausted, "DEADLINE_UNMEETABLE"));
  EXPECT_NEAR(absl::ToDoubleSeconds(RetryAfterOf(admission.refusal).value()), 2, 0.5);
  EXPECT_EQ(lane_->waiting(), 1U);
}

TEST_F(ModelLaneTest, NothingIsRefusedForATimeThatWasNeverMeasured) {
  Make(1);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  auto hasty = Job();
  hasty->deadline = now_ + absl::Milliseconds(1);
  EXPECT_EQ(Admit(hasty).verdict, Verdict::kQueued);
}

TEST_F(ModelLaneTest, TheQueueIsBoundedAndAGreedyClientMakesRoom) {
  Make(1, {.max_queued = 2});
  ASSERT_EQ(Admit(Job("greedy")).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(Job("greedy")).verdict, Verdict::kQueued);
  auto last = Job("greedy");
  ASSERT_EQ(Admit(last).verdict, Verdict::kQueued);
  const auto refused = Admit(Job("greedy"));
  EXPECT_EQ(refused.verdict, Verdict::kRefused);
  EXPECT_THAT(refused.refusal, IsError(absl::StatusCode::kResourceExhausted, "QUEUE_FULL"));
  EXPECT_THAT(std::string(refused.refusal.message()), HasSubstr("2 requests wait"));
  EXPECT_GT(RetryAfterOf(refused.refusal).value(), absl::ZeroDuration());
  const auto admission = Admit(Job("modest"));
  EXPECT_EQ(admission.verdict, Verdict::kQueued);
  EXPECT_EQ(admission.pushed_out, last);
  EXPECT_EQ(lane_->waiting(), 2U);
  EXPECT_EQ(
      MetricValue(registry_, "tessera_inference_queue_depth",
                  {{"backend", "b"}, {"gen_ai_request_model", "m"}, {"priority", "interactive"}}),
      2);
}

TEST_F(ModelLaneTest, WhoStillWaitsGoesWithTheLane) {
  Make(1);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  std::weak_ptr<LaneJob> waiting;
  {
    auto job = Job();
    ASSERT_EQ(Admit(job).verdict, Verdict::kQueued);
    waiting = job;
  }
  EXPECT_FALSE(waiting.expired());
  lane_.reset();
  EXPECT_TRUE(waiting.expired());
}

TEST_F(ModelLaneTest, APredictedWaitBeyondTheLimitIsAFullQueue) {
  Make(1, {.max_queue_wait = absl::Milliseconds(2'500)});
  LearnASecond();
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  EXPECT_THAT(Admit(Job()).refusal, IsError(absl::StatusCode::kResourceExhausted, "QUEUE_FULL"));
}

TEST_F(ModelLaneTest, ExpiredJobsLeaveTheQueueAndOthersHearThatTheyMovedUp) {
  Make(1);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  auto hasty = Job(), patient = Job();
  hasty->deadline = now_ + absl::Seconds(1);
  ASSERT_EQ(Admit(hasty).verdict, Verdict::kQueued);
  ASSERT_EQ(Admit(patient).queued.position, 1U);
  now_ += absl::Seconds(1);
  const auto look = lane_->Tick(now_);
  ASSERT_EQ(look.expired.size(), 1U);
  EXPECT_EQ(look.expired[0], hasty);
  const auto next = lane_->Tick(now_);
  ASSERT_EQ(next.moved.size(), 1U);
  EXPECT_EQ(next.moved[0].first, patient);
  EXPECT_EQ(next.moved[0].second.position, 0U);
}

TEST_F(ModelLaneTest, AJobIsWithdrawnOnce) {
  Make(1);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  auto waiting = Job();
  ASSERT_EQ(Admit(waiting).verdict, Verdict::kQueued);
  EXPECT_TRUE(lane_->Withdraw(*waiting));
  EXPECT_FALSE(lane_->Withdraw(*waiting));
  EXPECT_EQ(waiting.use_count(), 1);
}

TEST_F(ModelLaneTest, FailuresInARowOpenTheCircuitAndOneProbeClosesIt) {
  Make(4, {.breaker = {.failures_to_open = 3}});
  for (int i = 0; i < 3; ++i) {
    auto job = Job();
    ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
    Fail(*job);
  }
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_breaker_opened_total", kLane), 1);
  now_ += absl::Seconds(1);
  auto probe = Job(), second = Job();
  EXPECT_EQ(Admit(probe).verdict, Verdict::kRun);
  EXPECT_EQ(Admit(second).verdict, Verdict::kQueued);
  const auto work = Answer(*probe);
  ASSERT_EQ(work.granted.size(), 1U);
  EXPECT_EQ(work.granted[0], second);
}

TEST_F(ModelLaneTest, ASlotThatTheEngineStillHoldsAfterACancellationIsNotScheduledOnto) {
  Make(1);
  LearnASecond();
  auto job = Job();
  ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  const auto work = lane_->Finish(
      *job, {.kind = ModelLane::EndKind::kCancelled, .cancelled_at = now_, .timing = {}}, now_);
  EXPECT_TRUE(work.granted.empty());  // The prompt is being read, listeners or not.
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots_unreleased", kLane), 1);
  now_ += absl::Seconds(1);
  EXPECT_EQ(lane_->Tick(now_).work.granted.size(), 1U);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots_unreleased", kLane), 0);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cancel_to_release_seconds"), 1);
}

TEST_F(ModelLaneTest, AShortPauseOfTheCircuitIsWaitedForAndALongOneIsRefused) {
  Make(1, {.breaker = {.failures_to_open = 1}});
  auto job = Job(), next = Job();
  ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
  Fail(*job);
  const auto waits = Admit(next);
  ASSERT_EQ(waits.verdict, Verdict::kQueued);
  EXPECT_GE(waits.queued.predicted_wait, absl::Seconds(1));
  // Probes that fail make pauses longer: 2 s, 4 s.
  for (const int pause_seconds : {1, 2}) {
    now_ += absl::Seconds(pause_seconds);
    ASSERT_EQ(lane_->Tick(now_).work.granted.size(), 1U);
    Fail(*next);
    if (pause_seconds == 1) {
      ASSERT_EQ(Admit(next).verdict, Verdict::kQueued);
    }
  }
  const auto refused = Admit(Job());
  EXPECT_THAT(refused.refusal, IsError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE"));
  EXPECT_EQ(RetryAfterOf(refused.refusal), absl::Seconds(4));
}

TEST_F(ModelLaneTest, LearnsOfASlotFromAnswersThatGoOnSideBySide) {
  Make(std::nullopt);
  auto first = Job(), second = Job();
  ASSERT_EQ(Admit(first).verdict, Verdict::kRun);
  lane_->OnFirstToken(*first, now_);
  ASSERT_EQ(Admit(second).verdict, Verdict::kRun);  // An experiment.
  lane_->OnFirstToken(*second, now_);
  lane_->Tick(now_);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots", kLane), 1);
  first->pieces = second->pieces = 2;
  lane_->Tick(now_);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots", kLane), 2);
}

TEST_F(ModelLaneTest, AnEndThatIsHeardAfterTheNextBeginningTeachesNoSlot) {
  Make(std::nullopt);
  auto first = Job(), second = Job();
  ASSERT_EQ(Admit(first).verdict, Verdict::kRun);
  lane_->OnFirstToken(*first, now_);
  ASSERT_EQ(Admit(second).verdict, Verdict::kRun);
  lane_->OnFirstToken(*second, now_);
  second->pieces = 50;
  Answer(*first);
  lane_->Tick(now_);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_slots", kLane), 1);
}

TEST_F(ModelLaneTest, ACancelledAnswerFreesItsSlotAtOnce) {
  Make(1);
  LearnASecond();
  auto job = Job();
  ASSERT_EQ(Admit(job).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  lane_->OnFirstToken(*job, now_);
  const auto work = lane_->Finish(
      *job, {.kind = ModelLane::EndKind::kCancelled, .cancelled_at = now_, .timing = {}}, now_);
  EXPECT_EQ(work.granted.size(), 1U);
}

TEST_F(ModelLaneTest, ALongLoadIsNoWedgeAndHasItsOwnLimit) {
  Make(1, {.load_timeout = absl::Seconds(120), .first_token_timeout = absl::Seconds(10)});
  now_ += absl::Seconds(1);
  lane_->OnEngineLook(true, nullptr, now_);
  auto cold = Job();
  ASSERT_EQ(Admit(cold).verdict, Verdict::kRun);
  EXPECT_TRUE(cold->cold);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  now_ += absl::Seconds(100);
  EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
  lane_->OnEngineLook(true, &kLoaded, now_);
  EXPECT_EQ(lane_->Tick(now_).prefilling.size(), 1U);
  now_ += absl::Seconds(10);
  const auto look = lane_->Tick(now_);
  ASSERT_EQ(look.stuck.size(), 1U);
  EXPECT_THAT(look.stuck[0].second, IsError(absl::StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT"));
  EXPECT_EQ(MetadataOf(look.stuck[0].second, "phase"), "prefill");
}

TEST_F(ModelLaneTest, SilenceWhileOthersWaitIsAWedgeThatIsCuredBeforeAnythingRunsAgain) {
  Make(1, {.wedge_silence = absl::Seconds(3)});
  LearnASecond();
  auto silent = Job(), waiting = Job();
  ASSERT_EQ(Admit(silent).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(waiting).verdict, Verdict::kQueued);
  now_ += absl::Seconds(2);
  EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
  now_ += absl::Seconds(3);
  const auto look = lane_->Tick(now_);
  ASSERT_EQ(look.stuck.size(), 1U);
  EXPECT_THAT(look.stuck[0].second, IsError(absl::StatusCode::kUnavailable, "ENGINE_WEDGED"));
  EXPECT_FALSE(look.work.unload);  // Ours is still open.
  const auto work =
      lane_->Finish(*silent, {.kind = ModelLane::EndKind::kEnginesFault, .timing = {}}, now_);
  EXPECT_TRUE(work.granted.empty());
  EXPECT_TRUE(work.unload);
  EXPECT_EQ(lane_->Admit(silent, now_, /*anew=*/true).verdict, Verdict::kQueued);
  const auto cured = lane_->EndCure(/*unloaded=*/true, now_);
  ASSERT_EQ(cured.granted.size(), 1U);
  EXPECT_EQ(cured.granted[0], silent);  // It goes first.
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_wedges_total", kLane), 1);
}

TEST_F(ModelLaneTest, SlownessOfAModelThatNobodyKnowsIsNoWedge) {
  Make(1, {.first_token_timeout = absl::Minutes(5), .wedge_silence = absl::Seconds(3)});
  auto slow = Job();
  ASSERT_EQ(Admit(slow).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  now_ += absl::Minutes(4);
  EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
}

TEST_F(ModelLaneTest, CallersWhoDoNotWaitForALoadAreNoWedge) {
  Make(1, {.wedge_silence = absl::Seconds(3)});
  LearnASecond();
  now_ += absl::Seconds(10);
  lane_->OnEngineLook(true, nullptr, now_);
  for (int i = 0; i < 3; ++i) {
    auto impatient = Job();
    ASSERT_EQ(Admit(impatient).verdict, Verdict::kRun);
    now_ += absl::Minutes(1);
    lane_->Finish(*impatient, {.kind = ModelLane::EndKind::kCancelled, .timing = {}}, now_);
    EXPECT_FALSE(lane_->Tick(now_).work.unload);
  }
}

TEST_F(ModelLaneTest, AfterACureTheModelCountsAsLoadedOnlyOnceItWasSeenUnloaded) {
  Make(1, {.wedge_silence = absl::Seconds(3)});
  LearnASecond();
  auto silent = Job(), waiting = Job();
  ASSERT_EQ(Admit(silent).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(waiting).verdict, Verdict::kQueued);
  now_ += absl::Seconds(5);
  ASSERT_EQ(lane_->Tick(now_).stuck.size(), 1U);
  lane_->Finish(*silent, {.kind = ModelLane::EndKind::kEnginesFault, .timing = {}}, now_);
  ASSERT_EQ(lane_->EndCure(/*unloaded=*/true, now_).granted.size(), 1U);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  // The engine still lists what is being unloaded; then it loads for a while.
  lane_->OnEngineLook(true, &kLoaded, now_);
  now_ += absl::Seconds(20);
  EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
  lane_->OnEngineLook(true, nullptr, now_);
  lane_->OnEngineLook(true, &kLoaded, now_);
  EXPECT_EQ(lane_->Tick(now_).prefilling.size(), 1U);
  // A second cure is not tried as soon as the first one.
  now_ += absl::Seconds(5);
  EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
  now_ += absl::Seconds(5);
  EXPECT_EQ(lane_->Tick(now_).stuck.size(), 1U);
}

TEST_F(ModelLaneTest, PiecesAreProgress) {
  Make(1, {.wedge_silence = absl::Seconds(3)});
  LearnASecond();
  auto slow = Job();
  ASSERT_EQ(Admit(slow).verdict, Verdict::kRun);
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kQueued);
  lane_->OnFirstToken(*slow, now_);
  for (int i = 0; i < 20; ++i) {
    now_ += absl::Seconds(2);
    ++slow->pieces;
    EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
  }
}

TEST_F(ModelLaneTest, SilenceThatHarmsNobodyElseIsGivenMoreTime) {
  Make(1, {.wedge_silence = absl::Seconds(3)});
  LearnASecond();
  ASSERT_EQ(Admit(Job()).verdict, Verdict::kRun);
  now_ += absl::Seconds(8);
  EXPECT_TRUE(lane_->Tick(now_).stuck.empty());
  now_ += absl::Seconds(8);
  EXPECT_EQ(lane_->Tick(now_).stuck.size(), 1U);
}

}  // namespace
}  // namespace tessera::inference
