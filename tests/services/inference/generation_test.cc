// SPDX-License-Identifier: Apache-2.0
#include "services/inference/generation.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "tests/support/direct_dispatcher.h"
#include "tests/support/fake_model_engine.h"
#include "tests/support/metric_values.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::FakeChat;
using testing::FakeModelEngine;
using testing::IsError;
using testing::IsOk;
using testing::MetricLabels;
using testing::MetricValue;

constexpr size_t kLarge = 100'000;  // Encoded by the pool.
const MetricLabels kTalking{{"gen_ai_request_model", "talking"}};

// Hears one generation. The end may come on any thread.
class RecordingListener : public GenerationListener {
 public:
  bool Forgets() const override { return forgets; }
  void OnPhase(const Phase& phase) override { phases.push_back(phase); }
  absl::Status OnPiece(const ChatPiece& piece) override {
    text += piece.text;
    return answer;
  }
  void OnGenerationEnd(absl::StatusOr<v1::Completion> completion) override {
    EXPECT_FALSE(ended_.HasBeenNotified()) << "a second end";
    completion_ = std::move(completion);
    ended_.Notify();
  }

  const absl::StatusOr<v1::Completion>& End() {
    EXPECT_TRUE(ended_.WaitFor(absl::Seconds(10)));
    return *completion_;
  }
  bool ended() const { return ended_.HasBeenNotified(); }

  absl::Status answer;
  std::string text;
  bool forgets = false;
  std::vector<Phase> phases;

 private:
  Notification ended_;
  std::optional<absl::StatusOr<v1::Completion>> completion_;
};

class GenerationTest : public ::testing::Test {
 protected:
  GenerationTest()
      : metrics_(registry_, {"talking"}),
        limit_(2, 1'000'000),
        pool_({.threads = 1, .max_queued = 1}),
        dispatcher_(engine_, limit_, pool_),
        context_{
            .dispatcher = dispatcher_, .catalog = catalog_, .metrics = metrics_, .defaults = {}} {}

  std::shared_ptr<Generation> Start(CheckedChat chat,
                                    absl::Time deadline = absl::Now() + absl::Minutes(1)) {
    return Generation::Start(context_, std::move(chat), "r-1", "caller", deadline, listener_);
  }

  static CheckedChat Say(size_t bytes = 5, std::string_view model = "talking") {
    CheckedChat checked;
    checked.chat.model = model;
    checked.chat.messages = {{.role = ChatRole::kUser, .text = "hello"}};
    checked.bytes = bytes;
    return checked;
  }

  std::optional<double> Errors(const std::string& reason) {
    return MetricValue(registry_, "tessera_inference_errors_total", {{"reason", reason}});
  }

  // Everything that a generation holds has been given back.
  void ExpectNothingHeld() {
    EXPECT_EQ(MetricValue(registry_, "tessera_inference_requests_in_flight"), 0);
    EXPECT_THAT(limit_.Acquire(500'000), IsOk());
    EXPECT_THAT(limit_.Acquire(500'000), IsOk());
    limit_.Release(500'000);
    limit_.Release(500'000);
  }

  prometheus::Registry registry_;
  InferenceMetrics metrics_;
  ModelCatalog catalog_;
  InFlightLimit limit_;
  FakeModelEngine engine_;
  RecordingListener listener_;
  WorkerPool pool_;
  DirectDispatcher dispatcher_;
  InferenceContext context_;
};

TEST_F(GenerationTest, PassesPiecesOnAndTellsWhatTheyCost) {
  Start(Say());
  const auto chat = engine_.WaitForChat(0);
  EXPECT_EQ(chat->model(), "talking");
  EXPECT_EQ(chat->texts(), std::vector<std::string>({"hello"}));
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_requests_in_flight"), 1);
  EXPECT_THAT(chat->Piece("good "), IsOk());
  EXPECT_THAT(chat->Piece("day"), IsOk());
  chat->End(ChatOutcome{.finish = ChatFinish::kLength,
                        .prompt_tokens = 11,
                        .output_tokens = 2,
                        .total = absl::Seconds(4),
                        .load = absl::Seconds(1),
                        .prefill = absl::Seconds(2),
                        .decode = absl::Milliseconds(500)});
  const auto& completion = listener_.End();
  ASSERT_THAT(completion, IsOk());
  EXPECT_EQ(listener_.text, "good day");
  EXPECT_EQ(completion->finish_reason(), v1::FINISH_REASON_LENGTH);
  EXPECT_EQ(completion->model(), "talking");
  EXPECT_EQ(completion->request_id(), "r-1");
  EXPECT_EQ(completion->usage().prompt_tokens(), 11);
  EXPECT_EQ(completion->usage().output_tokens(), 2);
  EXPECT_EQ(completion->timings().engine_total().seconds(), 4);
  EXPECT_EQ(completion->timings().engine_load().seconds(), 1);
  EXPECT_EQ(completion->timings().engine_prefill().seconds(), 2);
  EXPECT_EQ(completion->timings().engine_decode().nanos(), 500'000'000);
  EXPECT_TRUE(completion->timings().has_time_to_first_token());
  EXPECT_FALSE(completion->timings().has_preprocess());
  ExpectNothingHeld();
}

TEST_F(GenerationTest, CountsASuccessOnceInEverySeries) {
  Start(Say());
  const auto chat = engine_.WaitForChat(0);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(chat->Piece("x"), IsOk());
  chat->End(ChatOutcome{.prompt_tokens = 11,
                        .output_tokens = 3,
                        .load = absl::Seconds(1),
                        .prefill = absl::Seconds(2),
                        .decode = absl::Milliseconds(1500)});
  for (const char* name :
       {"gen_ai_server_time_to_first_token_seconds", "gen_ai_server_time_per_output_token_seconds",
        "gen_ai_server_request_duration_seconds"}) {
    EXPECT_EQ(MetricValue(registry_, name, kTalking), 1) << name;
  }
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_output_tokens_per_second", kTalking), 2);
  const auto labelled = [&](const char* name, const char* key, const char* value) {
    return MetricValue(registry_, name, {{"gen_ai_request_model", "talking"}, {key, value}});
  };
  EXPECT_EQ(labelled("tessera_inference_tokens_total", "direction", "input"), 11);
  EXPECT_EQ(labelled("tessera_inference_tokens_total", "direction", "output"), 3);
  EXPECT_EQ(labelled("tessera_inference_engine_seconds_total", "phase", "load"), 1);
  EXPECT_EQ(labelled("tessera_inference_engine_seconds_total", "phase", "prefill"), 2);
  EXPECT_EQ(labelled("tessera_inference_engine_seconds_total", "phase", "decode"), 1.5);
}

TEST_F(GenerationTest, AnAnswerWithoutTokensHasNoFirstOne) {
  Start(Say());
  engine_.WaitForChat(0)->End(ChatOutcome{});
  ASSERT_THAT(listener_.End(), IsOk());
  EXPECT_FALSE(listener_.End()->timings().has_time_to_first_token());
  EXPECT_EQ(MetricValue(registry_, "gen_ai_server_time_to_first_token_seconds", kTalking), 0);
}

TEST_F(GenerationTest, AnErrorOfTheEngineCarriesTheRequestIdAndIsCounted) {
  Start(Say());
  engine_.WaitForChat(0)->End(MakeError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE", "gone"));
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE"));
  EXPECT_EQ(MetadataOf(listener_.End().status(), "requestId"), "r-1");
  EXPECT_EQ(Errors("ENGINE_UNREACHABLE"), 1);
  EXPECT_EQ(MetricValue(registry_, "gen_ai_server_request_duration_seconds", kTalking), 1);
  EXPECT_EQ(MetricValue(registry_, "gen_ai_server_time_to_first_token_seconds", kTalking), 0);
  ExpectNothingHeld();
}

TEST_F(GenerationTest, AFullServerRefusesAtOnceAndAsksNobody) {
  ASSERT_THAT(limit_.Acquire(1), IsOk());
  ASSERT_THAT(limit_.Acquire(1), IsOk());
  Start(Say());
  ASSERT_TRUE(listener_.ended());
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kResourceExhausted, "QUEUE_FULL"));
  EXPECT_TRUE(RetryAfterOf(listener_.End().status()).has_value());
  EXPECT_EQ(MetadataOf(listener_.End().status(), "requestId"), "r-1");
  EXPECT_TRUE(engine_.chats().empty());
  limit_.Release(1);
  limit_.Release(1);
  ExpectNothingHeld();
}

TEST_F(GenerationTest, AFullPoolRefusesALargeRequest) {
  Notification release;
  for (int i = 0; i < 2; ++i) ASSERT_THAT(pool_.TrySubmit([&] { release.Wait(); }), IsOk());
  Start(Say(kLarge));
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kResourceExhausted, "QUEUE_FULL"));
  release.Notify();
  pool_.Shutdown();
  ExpectNothingHeld();
}

TEST_F(GenerationTest, ALargeRequestIsEncodedByThePool) {
  std::thread::id thread;
  engine_.on_chat = [&](FakeChat& chat) {
    thread = std::this_thread::get_id();
    chat.End(ChatOutcome{});
  };
  Start(Say(kLarge));
  ASSERT_THAT(listener_.End(), IsOk());
  pool_.Shutdown();
  EXPECT_NE(thread, std::this_thread::get_id());
  ExpectNothingHeld();
}

TEST_F(GenerationTest, AnEngineMayEndBeforeStartReturns) {
  engine_.on_chat = [](FakeChat& chat) { chat.End(ChatOutcome{.output_tokens = 1}); };
  Start(Say());
  EXPECT_TRUE(listener_.ended());
  EXPECT_THAT(listener_.End(), IsOk());
}

TEST_F(GenerationTest, CancelBeforeTheRequestIsSentNeverReachesTheEngine) {
  Notification release;
  ASSERT_THAT(pool_.TrySubmit([&] { release.Wait(); }), IsOk());
  const auto generation = Start(Say(kLarge));
  generation->Cancel();
  EXPECT_FALSE(listener_.ended());
  release.Notify();
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_TRUE(engine_.chats().empty());
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cancelled_total"), 1);
  ExpectNothingHeld();
}

TEST_F(GenerationTest, CancelDoesNotWaitForARequestThatIsBeingEncoded) {
  Notification encoding, release;
  engine_.on_chat = [&](FakeChat&) {
    encoding.Notify();
    release.Wait();
  };
  const auto generation = Start(Say(kLarge));
  ASSERT_TRUE(encoding.WaitFor(absl::Seconds(10)));
  generation->Cancel();  // Would wait for ever.
  release.Notify();
  const auto chat = engine_.WaitForChat(0);
  pool_.Shutdown();
  EXPECT_TRUE(chat->cancelled());
  chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kCancelled, "CANCELLED"));
  ExpectNothingHeld();
}

TEST_F(GenerationTest, CancelReachesTheEngine) {
  const auto generation = Start(Say());
  const auto chat = engine_.WaitForChat(0);
  EXPECT_FALSE(chat->cancelled());
  generation->Cancel();
  generation->Cancel();
  EXPECT_TRUE(chat->cancelled());
  EXPECT_FALSE(listener_.ended());
  chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kCancelled, "CANCELLED"));
  generation->Cancel();
}

TEST_F(GenerationTest, ADeadlineThatHasPassedCostsTheEngineNothing) {
  Start(Say(), absl::Now() - absl::Seconds(1));
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  EXPECT_TRUE(engine_.chats().empty());
  EXPECT_EQ(Errors("DEADLINE_EXCEEDED"), 1);
  ExpectNothingHeld();
}

TEST_F(GenerationTest, AnEndBecauseOfTheDeadlineIsCalledSoWhoeverNoticedIt) {
  for (const absl::Status& cause :
       {MakeError(StatusCode::kCancelled, "CANCELLED", "cancelled"),
        MakeError(StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT", "too slow")}) {
    RecordingListener listener;
    const absl::Time deadline = absl::Now() + absl::Milliseconds(100);
    const auto generation = Generation::Start(context_, Say(), "r-1", "caller", deadline, listener);
    const auto chat = engine_.chats().back();
    EXPECT_EQ(chat->deadline(), deadline);
    absl::SleepFor(deadline - absl::Now() + absl::Milliseconds(1));
    chat->End(cause);
    EXPECT_THAT(listener.End(), IsError(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
  }
  Start(Say());
  engine_.chats().back()->End(MakeError(StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT", "slow"));
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT"));
}

TEST_F(GenerationTest, TheListenersErrorGoesToTheEngine) {
  listener_.answer = MakeError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW", "slow");
  Start(Say());
  const auto chat = engine_.WaitForChat(0);
  const absl::Status answer = chat->Piece("x");
  EXPECT_THAT(answer, IsError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
  chat->End(answer);
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
}

TEST_F(GenerationTest, AModelThatNobodyHasIsCountedAsOther) {
  Start(Say(5, "hostile-name"));
  engine_.WaitForChat(0)->End(MakeError(StatusCode::kNotFound, "MODEL_NOT_FOUND", "none"));
  EXPECT_THAT(listener_.End(), IsError(StatusCode::kNotFound, "MODEL_NOT_FOUND"));
  EXPECT_EQ(MetricValue(registry_, "gen_ai_server_request_duration_seconds",
                        {{"gen_ai_request_model", "other"}}),
            1);
  EXPECT_EQ(MetricValue(registry_, "gen_ai_server_request_duration_seconds",
                        {{"gen_ai_request_model", "hostile-name"}}),
            std::nullopt);
}

TEST_F(GenerationTest, CancelAtAnyMomentEndsItOnce) {
  int seen = 0;
  for (int round = 0; round < 50; ++round) {
    RecordingListener listener;
    const auto generation =
        Generation::Start(context_, Say(kLarge), "r-1", "caller", absl::InfiniteFuture(), listener);
    std::thread cancel([&] { generation->Cancel(); });
    std::thread engine([&] {
      while (!listener.ended()) {
        const auto chats = engine_.chats();
        if (static_cast<int>(chats.size()) > seen) {
          seen = static_cast<int>(chats.size());
          chats.back()->End(ChatOutcome{});
        }
        std::this_thread::yield();
      }
    });
    listener.End();
    cancel.join();
    engine.join();
  }
  ExpectNothingHeld();
}

}  // namespace
}  // namespace tessera::inference
