// SPDX-License-Identifier: Apache-2.0
//
// Waiting for slots: bounds, predictions, priorities, shares, and what callers hear of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "tests/integration/gateway.h"

namespace tessera::testing {
namespace {

using absl::StatusCode;
using Answers = std::vector<std::future<absl::StatusOr<api::GenerateResponse>>>;

constexpr char kBusy[] = "tessera_inference_slots_busy";
constexpr char kQueued[] = "tessera_inference_queue_depth";

api::GenerateRequest SayAs(api::Priority priority, const std::string& text) {
  api::GenerateRequest request = Say(text);
  request.set_priority(priority);
  return request;
}

// Keeps the slot busy until it is dropped.
class Occupant {
 public:
  explicit Occupant(Gateway& gateway) {
    gateway.engine().Script("pause_first_ms=60000");
    stream_ = gateway.stub().StreamGenerate(context_.get());
    api::StreamGenerateRequest start;
    *start.mutable_start() = Say("occupant");
    stream_->Write(start);
    stream_->WritesDone();
    EXPECT_TRUE(gateway.WaitForSum(kBusy, 1));
    EXPECT_TRUE(PollUntil([&] { return gateway.Chats().size() == 1; }));
  }
  ~Occupant() { Leave(); }

  void Leave() {
    if (stream_ == nullptr) return;
    context_->TryCancel();
    stream_->Finish();
    stream_ = nullptr;
  }

 private:
  std::unique_ptr<grpc::ClientContext> context_ = Soon(absl::Minutes(1));
  std::unique_ptr<grpc::ClientReaderWriter<api::StreamGenerateRequest, api::StreamGenerateResponse>>
      stream_;
};

TEST(QueueTest, AFullQueueSaysSoAtOnceAndWhenToComeBack) {
  GatewayOptions options = OneSlot();
  options.inference.max_queued = 1;
  Gateway gateway(options);
  Occupant occupant(gateway);
  auto waiting = gateway.AskLater(Say("waiting"));
  ASSERT_TRUE(gateway.WaitForSum(kQueued, 1));
  const absl::Time start = absl::Now();
  const auto refused = gateway.Ask(Say("too many"));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(500));
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status()), "QUEUE_FULL") << refused.status();
  EXPECT_GT(RetryAfterOf(refused.status()).value_or(absl::ZeroDuration()), absl::ZeroDuration());
  occupant.Leave();
  EXPECT_TRUE(waiting.get().ok());
}

TEST(QueueTest, ADeadlineThatCannotBeMetIsRefusedAtOnceWithThePredictedWait) {
  Gateway gateway(OneSlot());
  gateway.engine().Script("tokens=5 rate=20", /*times=*/0);  // A quarter of a second each.
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(gateway.Ask(Say("learn")).ok());
  Answers answers;
  for (int i = 0; i < 8; ++i) answers.push_back(gateway.AskLater(Say("wait")));
  ASSERT_TRUE(gateway.WaitForSum(kQueued, 7));
  const size_t seen = gateway.Chats().size();
  const absl::Time start = absl::Now();
  const auto refused = gateway.Ask(Say("in a hurry"), {.timeout = absl::Milliseconds(600)});
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(300));
  EXPECT_EQ(refused.status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused.status()), "DEADLINE_UNMEETABLE") << refused.status();
  const absl::Duration wait = RetryAfterOf(refused.status()).value_or(absl::ZeroDuration());
  EXPECT_GT(wait, absl::Milliseconds(600));
  EXPECT_LT(wait, absl::Seconds(5));
  EXPECT_LE(gateway.Chats().size(), seen + 2);
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  // Of waits of up to two seconds.
  EXPECT_GE(gateway.Sum("tessera_inference_queue_wait_error_seconds_count"), 7);
}

TEST(QueueTest, BatchGetsATenthOfTheSlotsWhileOthersWait) {
  Gateway gateway(OneSlot());
  Answers answers;
  {
    Occupant occupant(gateway);
    for (int i = 0; i < 20; ++i) {
      answers.push_back(gateway.AskLater(SayAs(api::PRIORITY_BATCH, "batch")));
    }
    ASSERT_TRUE(gateway.WaitForSum(kQueued, 20, "batch"));
    for (int i = 0; i < 45; ++i) answers.push_back(gateway.AskLater(Say("interactive")));
    ASSERT_TRUE(gateway.WaitForSum(kQueued, 45, "interactive"));
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  const auto chats = gateway.Chats();
  ASSERT_EQ(chats.size(), 66U);
  const auto batch = std::count_if(chats.begin() + 1, chats.begin() + 41,
                                   [](const auto& chat) { return chat.prompt == "batch"; });
  EXPECT_GE(batch, 3);
  EXPECT_LE(batch, 5);
}

TEST(QueueTest, ClientsShareTheSlotsWhateverTheyAskFor) {
  Gateway gateway(OneSlot());
  Answers answers;
  {
    Occupant occupant(gateway);
    for (int i = 0; i < 40; ++i) answers.push_back(gateway.AskLater(Say("greedy"), {"greedy"}));
    ASSERT_TRUE(gateway.WaitForSum(kQueued, 40));
    for (int i = 0; i < 4; ++i) answers.push_back(gateway.AskLater(Say("modest"), {"modest"}));
    ASSERT_TRUE(gateway.WaitForSum(kQueued, 44));
  }
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  const auto chats = gateway.Chats();
  const auto modest = std::count_if(chats.begin(), chats.begin() + 11,
                                    [](const auto& chat) { return chat.prompt == "modest"; });
  EXPECT_EQ(modest, 4);
}

TEST(QueueTest, AStreamHearsWhereItIs) {
  Gateway gateway(OneSlot());
  ASSERT_TRUE(gateway.Ask(Say("load")).ok());
  // The answer may be here before the engine has noted its end, and what goes on is not forgotten.
  ASSERT_TRUE(PollUntil([&] { return !gateway.Chats().front().in_flight(); }));
  gateway.engine().ClearJournal();
  std::future<StreamResult> result;
  {
    Occupant occupant(gateway);
    result = std::async(std::launch::async, [&] { return gateway.AskStreaming(Say("hello")); });
    ASSERT_TRUE(gateway.WaitForSum(kQueued, 1));
  }
  const StreamResult stream = result.get();
  ASSERT_TRUE(stream.status.ok()) << stream.status;
  EXPECT_EQ(
      KindsOf(stream),
      (std::vector<int>{api::StreamGenerateResponse::kStarted, api::StreamGenerateResponse::kQueued,
                        api::StreamGenerateResponse::kPrefill, api::StreamGenerateResponse::kText,
                        api::StreamGenerateResponse::kFinished}));
  EXPECT_GT(stream.events.back().finished().timings().queue().nanos(), 0);
}

TEST(QueueTest, SlotsAreLearntWhereNobodyConfiguredThem) {
  Gateway gateway;  // The simulated text model answers four at once.
  gateway.engine().Script("tokens=50 rate=100", /*times=*/0);
  Answers answers;
  for (int i = 0; i < 12; ++i) answers.push_back(gateway.AskLater(Say("go on")));
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  // On a busy machine the end of one answer may be heard after the beginning of the next.
  const double learnt = gateway.Sum("tessera_inference_slots", "llama3.2-custom");
  EXPECT_GE(learnt, 4);
  EXPECT_LE(learnt, 5);
}

TEST(QueueTest, AColdLoadIsNoErrorHoweverLongAndIsTold) {
  GatewayOptions options = OneSlot();
  for (auto& model : options.engines[0].models) model.load_time = absl::Milliseconds(1'500);
  options.inference.first_token_timeout = absl::Milliseconds(500);
  options.inference.wedge_silence = absl::Milliseconds(300);
  Gateway gateway(options);
  auto waiting = std::async(std::launch::async, [&] {
    PollUntil([&] { return gateway.Sum(kBusy) == 1; });
    return gateway.Ask(Say("me too"));
  });
  const StreamResult stream = gateway.AskStreaming(Say("hello"));
  ASSERT_TRUE(stream.status.ok()) << stream.status;
  EXPECT_TRUE(std::any_of(stream.events.begin(), stream.events.end(),
                          [](const auto& event) { return event.has_loading(); }));
  EXPECT_TRUE(waiting.get().ok());
  EXPECT_EQ(gateway.Sum("tessera_inference_model_loads_total"), 1);
  EXPECT_EQ(gateway.engine().counters().loads_started, 1U);
}

TEST(QueueTest, ACancelledCallLeavesTheQueueAtOnce) {
  Gateway gateway(OneSlot());
  Occupant occupant(gateway);
  for (int i = 0; i < 20; ++i) {
    const auto context = Soon();
    const auto stream = gateway.stub().StreamGenerate(context.get());
    api::StreamGenerateRequest start;
    *start.mutable_start() = Say("never mind");
    ASSERT_TRUE(stream->Write(start));
    api::StreamGenerateResponse event;
    while (stream->Read(&event) && !event.has_queued()) {
    }
    context->TryCancel();
    stream->Finish();
  }
  EXPECT_TRUE(gateway.WaitForSum("tessera_inference_cancelled_in_phase_total", 20, "queued"));
  EXPECT_EQ(gateway.Sum(kQueued), 0);
  EXPECT_EQ(gateway.Chats().size(), 1U);
}

}  // namespace
}  // namespace tessera::testing
