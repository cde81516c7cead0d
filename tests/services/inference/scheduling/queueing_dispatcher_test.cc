// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/queueing_dispatcher.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "services/inference/scheduling/engine_pool.h"
#include "tests/services/inference/scheduling/fake_clock.h"
#include "tests/support/fake_model_engine.h"
#include "tests/support/metric_values.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::FakeChat;
using testing::FakeClock;
using testing::FakeModelEngine;
using testing::IsError;
using testing::IsOk;
using testing::MetricValue;

absl::Status Unreachable() {
  return MakeError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE", "refused");
}

// Unloads when the test says so.
class FakeMemory : public ModelMemory {
 public:
  void Load(const std::string&, const RuntimeOptions&, bool, absl::Duration, absl::Duration,
            Done done) override {
    done(absl::OkStatus());
  }
  void Unload(const std::string& model, bool, absl::Duration, Done done) override {
    unloads.emplace_back(model, std::move(done));
  }

  std::vector<std::pair<std::string, Done>> unloads;
};

class Recorder : public DispatchObserver {
 public:
  void OnPhase(const Phase& phase) override {
    EXPECT_FALSE(end);
    static constexpr const char* kNames[] = {"queued", "loading", "prefill", "retrying"};
    phases += std::string(phases.empty() ? "" : " ") + kNames[phase.index()];
    last = phase;
    if (std::holds_alternative<RetryingPhase>(phase)) text.clear();
  }
  absl::Status OnPiece(const ChatPiece& piece) override {
    text += piece.text;
    return answer;
  }
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override {
    EXPECT_FALSE(end) << "a second end";
    end = std::move(outcome);
  }

  std::string phases;
  std::optional<Phase> last;
  std::string text;
  absl::Status answer;
  std::optional<absl::StatusOr<ChatOutcome>> end;
};

struct Engine {
  Engine(uint32_t number, LaneLimits limits, uint32_t slots, SchedulingMetrics& metrics)
      : backend({.number = number,
                 .name = "b" + std::to_string(number),
                 .slots = {.of_model = {}, .num_parallel = slots},
                 .limits = limits},
                engine, memory, catalog, metrics) {
    Look(/*loaded=*/true);
  }

  void Look(bool loaded, bool reachable = true, absl::Time now = absl::InfinitePast()) {
    EngineSnapshot snapshot{.reachable = reachable, .version = "0.33.0"};
    snapshot.models["m:1b"] = {.name = "m:1b", .family = "llama", .size_bytes = 1};
    snapshot.models["v:4b"] = {.name = "v:4b", .family = "qwen3vl", .size_bytes = 1};
    if (loaded)
      snapshot.loaded = {{.name = "m:1b", .size_bytes = 1, .context_tokens = 4096},
                         {.name = "v:4b", .size_bytes = 1, .context_tokens = 4096}};
    catalog.Replace(snapshot);
    backend.OnLook(snapshot, now);
  }

  FakeModelEngine engine;
  FakeMemory memory;
  ModelCatalog catalog;
  Backend backend;
};

class QueueingDispatcherTest : public ::testing::Test {
 protected:
  ~QueueingDispatcherTest() override {
    // The engines end what is cancelled when the dispatcher goes.
    std::atomic<bool> gone = false;
    std::thread engines([&] {
      while (!gone) {
        for (const auto& engine : engines_) EndCancelled(engine->engine);
        std::this_thread::yield();
      }
    });
    dispatcher_.reset();
    gone = true;
    engines.join();
  }

  void Make(int engines = 1, uint32_t slots = 1, LaneLimits limits = {}) {
    std::vector<Backend*> backends;
    for (int i = 0; i < engines; ++i) {
      engines_.push_back(
          std::make_unique<Engine>(static_cast<uint32_t>(i), limits, slots, metrics_));
      backends.push_back(&engines_.back()->backend);
    }
    dispatcher_ = std::make_unique<QueueingDispatcher>(
        backends, pool_, metrics_, clock_,
        QueueingDispatcher::Options{.max_held_bytes = 1'000, .tick = absl::ZeroDuration()});
  }

  ChatJob Job(const std::string& model = "m:1b") {
    ChatJob job;
    job.model = model;
    job.client = "c";
    job.bytes = 10;
    job.max_output_tokens = 50;
    job.text_tokens = 100;
    job.start = [model](ModelEngine& engine, std::shared_ptr<ChatObserver> observer) {
      ChatRequest request;
      request.model = model;
      request.messages = {{.text = "hello"}};
      return engine.Chat(request, std::move(observer));
    };
    return job;
  }

  std::shared_ptr<Recorder> Submit(ChatJob job) {
    auto recorder = std::make_shared<Recorder>();
    handles_.push_back(dispatcher_->Submit(std::move(job), recorder));
    return recorder;
  }
  std::shared_ptr<Recorder> Submit() { return Submit(Job()); }

  void End(const std::shared_ptr<FakeChat>& chat, absl::StatusOr<ChatOutcome> outcome) {
    ended_.push_back(chat);
    chat->End(std::move(outcome));
  }
  void EndCancelled(const FakeModelEngine& engine) {
    for (const auto& chat : engine.chats()) {
      if (chat->cancelled() && !Ended(chat)) {
        End(chat, MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
      }
    }
  }
  bool Ended(const std::shared_ptr<FakeChat>& chat) const {
    return std::find(ended_.begin(), ended_.end(), chat) != ended_.end();
  }
  void Answer(const std::shared_ptr<FakeChat>& chat) {
    EXPECT_THAT(chat->Piece("x"), IsOk());
    clock_.Advance(absl::Milliseconds(100));
    End(chat, ChatOutcome{.finish = ChatFinish::kStop, .prompt_tokens = 100, .output_tokens = 5});
  }
  std::vector<std::shared_ptr<FakeChat>> Chats(size_t engine = 0) const {
    return engines_[engine]->engine.chats();
  }

  // Moves the clock in steps in which everything that is due is done.
  void Pass(absl::Duration duration) {
    const absl::Duration step = absl::Milliseconds(100);
    for (; duration > absl::ZeroDuration(); duration -= step) {
      clock_.Advance(std::min(step, duration));
      dispatcher_->Tick();
    }
  }

  FakeClock clock_;
  prometheus::Registry registry_;
  SchedulingMetrics metrics_{registry_};
  WorkerPool pool_{{.threads = 1, .max_queued = 4}};
  std::vector<std::unique_ptr<Engine>> engines_;
  std::vector<std::shared_ptr<FakeChat>> ended_;
  std::vector<std::shared_ptr<ChatHandle>> handles_;
  std::unique_ptr<QueueingDispatcher> dispatcher_;
};

TEST_F(QueueingDispatcherTest, AFreeSlotIsTakenAtOnce) {
  Make();
  const auto job = Submit();
  ASSERT_EQ(Chats().size(), 1U);
  EXPECT_EQ(job->phases, "prefill");
  Answer(Chats()[0]);
  ASSERT_THAT(*job->end, IsOk());
  EXPECT_EQ(job->text, "x");
  EXPECT_EQ((*job->end)->dispatch.attempts, 1U);
  EXPECT_EQ((*job->end)->dispatch.queue_wait, absl::ZeroDuration());
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_jobs"), 0);
}

TEST_F(QueueingDispatcherTest, TheNextOneWaitsIsToldSoAndRunsWhenTheSlotIsFree) {
  Make();
  const auto first = Submit();
  const auto second = Submit();
  const auto third = Submit();
  EXPECT_EQ(Chats().size(), 1U);
  EXPECT_EQ(second->phases, "queued");
  EXPECT_EQ(std::get<QueuedPhase>(*third->last).position, 1U);
  Answer(Chats()[0]);
  ASSERT_EQ(Chats().size(), 2U);
  EXPECT_EQ(second->phases, "queued prefill");
  Pass(absl::Seconds(1));
  EXPECT_EQ(std::get<QueuedPhase>(*third->last).position, 0U);
  Answer(Chats()[1]);
  Answer(Chats()[2]);
  ASSERT_THAT(*third->end, IsOk());
  EXPECT_GT((*third->end)->dispatch.queue_wait, absl::Seconds(1));
  EXPECT_GT((*third->end)->dispatch.predicted_wait, absl::ZeroDuration());
}

TEST_F(QueueingDispatcherTest, BytesOfAllJobsAreBounded) {
  Make();
  ChatJob large = Job();
  large.bytes = 995;
  Submit(std::move(large));
  const auto refused = Submit();
  EXPECT_THAT(*refused->end, IsError(StatusCode::kResourceExhausted, "QUEUE_FULL"));
  EXPECT_TRUE(RetryAfterOf(refused->end->status()).has_value());
  Answer(Chats()[0]);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_held_bytes"), 0);
  EXPECT_EQ(
      MetricValue(registry_, "tessera_inference_queue_refused_total", {{"reason", "QUEUE_FULL"}}),
      1);
}

TEST_F(QueueingDispatcherTest, AWaitingJobIsCancelledWithoutTheEngine) {
  Make();
  Submit();
  const auto waiting = Submit();
  handles_[1]->Cancel();
  EXPECT_THAT(*waiting->end, IsError(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_EQ(
      MetricValue(registry_, "tessera_inference_cancelled_in_phase_total", {{"phase", "queued"}}),
      1);
  Answer(Chats()[0]);
  EXPECT_EQ(Chats().size(), 1U);
}

TEST_F(QueueingDispatcherTest, AWaitingJobEndsAtItsDeadline) {
  Make();
  Submit();
  ChatJob job = Job();
  job.deadline = clock_.Now() + absl::Seconds(1);
  const auto waiting = Submit(std::move(job));
  Pass(absl::Seconds(1));
  EXPECT_THAT(*waiting->end, IsError(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST_F(QueueingDispatcherTest, CancellingARunningJobReachesTheEngine) {
  Make();
  const auto job = Submit();
  handles_[0]->Cancel();
  EXPECT_TRUE(Chats()[0]->cancelled());
  End(Chats()[0], MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  EXPECT_THAT(*job->end, IsError(StatusCode::kCancelled, "CANCELLED"));
}

TEST_F(QueueingDispatcherTest, AFailureIsRetriedOnAnotherEngineFirst) {
  Make(/*engines=*/2);
  const auto job = Submit();
  const size_t first = Chats(0).empty() ? 1 : 0;
  End(Chats(first)[0], Unreachable());
  ASSERT_EQ(Chats(1 - first).size(), 1U);
  EXPECT_EQ(job->phases, "prefill retrying prefill");
  Answer(Chats(1 - first)[0]);
  ASSERT_THAT(*job->end, IsOk());
  EXPECT_EQ((*job->end)->dispatch.attempts, 2U);
  EXPECT_EQ((*job->end)->dispatch.backend, 1 - first);
  // The next one does not go where it failed a moment ago.
  Submit();
  EXPECT_EQ(Chats(1 - first).size(), 2U);
}

TEST_F(QueueingDispatcherTest, ASingleEngineIsTriedAgainAfterAPauseAtMostThreeTimes) {
  Make();
  const auto job = Submit();
  for (size_t attempt = 0; attempt < 4; ++attempt) {
    ASSERT_EQ(Chats().size(), attempt + 1);
    End(Chats()[attempt], Unreachable());
    EXPECT_EQ(Chats().size(), attempt + 1);
    Pass(absl::Milliseconds(500));
  }
  EXPECT_EQ(Chats().size(), 4U);
  EXPECT_THAT(*job->end, IsError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE"));
  EXPECT_EQ(
      MetricValue(registry_, "tessera_inference_retries_total", {{"reason", "ENGINE_UNREACHABLE"}}),
      3);
}

TEST_F(QueueingDispatcherTest, NothingIsRetriedOnceSomebodyHasHeardAPiece) {
  Make(2);
  const auto job = Submit();
  const size_t first = Chats(0).empty() ? 1 : 0;
  EXPECT_THAT(Chats(first)[0]->Piece("one"), IsOk());
  End(Chats(first)[0], MakeError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN", "broken"));
  EXPECT_THAT(*job->end, IsError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"));
  EXPECT_EQ(job->text, "one");
  EXPECT_TRUE(Chats(1 - first).empty());
}

TEST_F(QueueingDispatcherTest, AnAnswerThatNobodyHasSeenIsRetriedEvenAfterPieces) {
  Make(2);
  ChatJob collected = Job();
  collected.forgets_pieces = true;
  const auto job = Submit(std::move(collected));
  const size_t first = Chats(0).empty() ? 1 : 0;
  EXPECT_THAT(Chats(first)[0]->Piece("one"), IsOk());
  End(Chats(first)[0], MakeError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN", "broken"));
  Answer(Chats(1 - first).at(0));
  ASSERT_THAT(*job->end, IsOk());
  EXPECT_EQ(job->text, "x");
}

TEST_F(QueueingDispatcherTest, TheRequestsOwnFaultIsNotRetried) {
  Make(2);
  const auto job = Submit();
  const size_t first = Chats(0).empty() ? 1 : 0;
  End(Chats(first)[0], MakeError(StatusCode::kInvalidArgument, "ENGINE_REFUSED", "no"));
  EXPECT_THAT(*job->end, IsError(StatusCode::kInvalidArgument, "ENGINE_REFUSED"));
  EXPECT_TRUE(Chats(1 - first).empty());
}

TEST_F(QueueingDispatcherTest, JobsThatWaitForAnEngineThatFailsMoveToAnother) {
  Make(2, /*slots=*/1, {.breaker = {.failures_to_open = 1}});
  std::vector<std::shared_ptr<Recorder>> jobs;
  for (int i = 0; i < 6; ++i) jobs.push_back(Submit());
  ASSERT_EQ(Chats(0).size(), 1U);
  ASSERT_EQ(Chats(1).size(), 1U);
  End(Chats(0)[0], Unreachable());
  Pass(absl::Milliseconds(200));
  for (size_t i = 0; i < 6; ++i) {
    ASSERT_GT(Chats(1).size(), i);
    Answer(Chats(1)[i]);
  }
  for (const auto& job : jobs) EXPECT_THAT(*job->end, IsOk());
}

TEST_F(QueueingDispatcherTest, AColdModelIsToldToLoadAndThenToRead) {
  Make();
  clock_.Advance(absl::Seconds(10));
  engines_[0]->Look(/*loaded=*/false, true, clock_.Now());
  const auto job = Submit();
  EXPECT_EQ(job->phases, "loading");
  Pass(absl::Seconds(100));
  engines_[0]->Look(/*loaded=*/true, true, clock_.Now());
  Pass(absl::Milliseconds(100));
  EXPECT_EQ(job->phases, "loading prefill");
  Answer(Chats()[0]);
  EXPECT_THAT(*job->end, IsOk());
}

TEST_F(QueueingDispatcherTest, AWedgedModelIsUnloadedAndItsRequestsAreReplayed) {
  Make(1, 1, {.wedge_silence = absl::Seconds(2)});
  for (int i = 0; i < 3; ++i) {
    Submit();
    Answer(Chats()[i]);
  }
  const auto silent = Submit();
  const auto waiting = Submit();
  Pass(absl::Seconds(10));
  ASSERT_TRUE(Chats()[3]->cancelled());
  End(Chats()[3], MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  ASSERT_EQ(engines_[0]->memory.unloads.size(), 1U);
  EXPECT_EQ(engines_[0]->memory.unloads[0].first, "m:1b");
  EXPECT_EQ(Chats().size(), 4U);  // Nothing is sent to a model that is being unloaded.
  engines_[0]->memory.unloads[0].second(absl::OkStatus());
  ASSERT_EQ(Chats().size(), 5U);
  Answer(Chats()[4]);
  Answer(Chats()[5]);
  EXPECT_THAT(*silent->end, IsOk());
  EXPECT_THAT(*waiting->end, IsOk());
  EXPECT_NE(silent->phases.find("retrying"), std::string::npos);
}

TEST_F(QueueingDispatcherTest, APictureThatCrashedARunnerTwiceIsRefused) {
  Make();
  const auto show = [&] {
    ChatJob job = Job("v:4b");
    job.pictures = {{.digest = "p", .width_px = 64, .height_px = 64, .tokens_current = 1026}};
    return job;
  };
  const auto crash = MakeError(StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED", "died");
  const auto job = Submit(show());
  End(Chats()[0], crash);
  Pass(absl::Milliseconds(200));
  End(Chats()[1], crash);
  Pass(absl::Milliseconds(500));
  EXPECT_THAT(*job->end, IsError(StatusCode::kInvalidArgument, "IMAGE_POISONED"));
  EXPECT_EQ(Chats().size(), 2U);
  EXPECT_THAT(*Submit(show())->end, IsError(StatusCode::kInvalidArgument, "IMAGE_POISONED"));
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_poisoned_pictures"), 1);
}

TEST_F(QueueingDispatcherTest, WhoOnlyWaitedForASlotWhenAnotherCrashedIsNotToBlame) {
  Make();
  const absl::Status crash =
      MakeError(StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED", "the runner died");
  const auto show = [&](const std::string& digest) {
    ChatJob job = Job("v:4b");
    job.pictures = {{.digest = digest}};
    return job;
  };
  const auto answer = [&](const std::shared_ptr<FakeChat>& chat) {
    clock_.Advance(absl::Milliseconds(250));
    EXPECT_THAT(chat->Piece("x"), IsOk());
    clock_.Advance(absl::Milliseconds(100));
    End(chat, ChatOutcome{.finish = ChatFinish::kStop,
                          .prompt_tokens = 100,
                          .output_tokens = 5,
                          .load = absl::Milliseconds(200)});
  };
  for (int i = 0; i < 4; ++i) {
    Submit(show("seen"));
    answer(Chats().back());
  }
  const auto bad = Submit(show("bad"));
  for (const bool the_other_first : {false, true}) {
    SCOPED_TRACE(the_other_first);
    const size_t crashing = Chats().size() - 1;
    clock_.Advance(absl::Milliseconds(200));
    const auto innocent = Submit(show("innocent"));
    ASSERT_EQ(Chats().size(), crashing + 2) << "handed ahead";
    EXPECT_EQ(innocent->phases, "queued");
    End(Chats()[crashing + (the_other_first ? 1 : 0)], crash);
    End(Chats()[crashing + (the_other_first ? 0 : 1)], crash);
    // Tried again, without a pause and whatever else failed.
    if (the_other_first) Pass(absl::Milliseconds(100));
    ASSERT_EQ(Chats().size(), crashing + 3);
    handles_.back()->Cancel();
    EndCancelled(engines_[0]->engine);
    if (!the_other_first) Pass(absl::Milliseconds(400));
  }
  const auto innocent = Submit(show("innocent"));
  answer(Chats().back());
  EXPECT_THAT(*innocent->end, IsOk());
  EXPECT_THAT(*bad->end, IsError(StatusCode::kInvalidArgument, "IMAGE_POISONED"));
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_poisoned_pictures"), 1);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_breaker_opened_total",
                        {{"backend", "b0"}, {"gen_ai_request_model", "v:4b"}}),
            0);
}

TEST_F(QueueingDispatcherTest, PicturesThatDoNotFitAreRefusedBeforeTheEngineSeesThem) {
  Make();
  ChatJob job = Job("v:4b");
  job.pictures = std::vector<JobPicture>(5, {.digest = "p", .tokens_current = 1026});
  const auto refused = Submit(std::move(job));
  EXPECT_THAT(*refused->end, IsError(StatusCode::kInvalidArgument, "CONTEXT_OVERFLOW"));
  EXPECT_EQ(MetadataOf(refused->end->status(), "availableTokens"), "4096");
  EXPECT_TRUE(Chats().empty());
}

TEST_F(QueueingDispatcherTest, RetriesStayWithinTheirBudgetWhenEverythingFails) {
  Make();
  engines_[0]->engine.on_chat = [&](FakeChat& chat) { chat.End(Unreachable()); };
  constexpr int kJobs = 300;
  std::vector<std::shared_ptr<Recorder>> jobs;
  for (int i = 0; i < kJobs; ++i) {
    jobs.push_back(Submit());
    Pass(absl::Seconds(1));
  }
  Pass(absl::Seconds(60));
  for (const auto& job : jobs) EXPECT_TRUE(job->end.has_value());
  for (const auto& chat : Chats()) ended_.push_back(chat);
  EXPECT_LE(Chats().size(), kJobs * 1.2 + 10);
}

TEST_F(QueueingDispatcherTest, ShuttingDownEndsWhatWaits) {
  Make();
  const auto running = Submit();
  const auto waiting = Submit();
  Answer(Chats()[0]);
  const auto behind = Submit();
  // The second one has the slot now, and the engine ends it when it is told to.
  const auto chat = Chats().at(1);
  std::thread engine([&] {
    while (!chat->cancelled()) std::this_thread::yield();
    End(chat, MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  });
  dispatcher_.reset();
  engine.join();
  EXPECT_TRUE(running->end.has_value());
  EXPECT_THAT(*waiting->end, IsError(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_THAT(*behind->end, IsError(StatusCode::kUnavailable, "DRAINING"));
}

}  // namespace
}  // namespace tessera::inference
