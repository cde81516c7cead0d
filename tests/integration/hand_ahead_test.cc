// SPDX-License-Identifier: Apache-2.0
//
// An engine that reads the model's metadata for each request gets the next one before it is done.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "tests/integration/gateway.h"

namespace tessera::testing {
namespace {

using std::chrono::milliseconds;
using Answers = std::vector<std::future<absl::StatusOr<api::GenerateResponse>>>;

constexpr char kHandedAhead[] = "tessera_inference_handed_ahead_total";

GatewayOptions ReadsMetadata() {
  GatewayOptions options = OneSlot();
  for (simulator::ModelSpec& model : options.engines[0].models) {
    model.metadata_time = absl::Milliseconds(200);
  }
  return options;
}

// Half a second of a slot for each answer, and the gateway knows it.
void LearnHalfASecond(Gateway& gateway) {
  gateway.engine().Script("tokens=20 rate=40", /*times=*/0);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(gateway.Ask(Say("learn")).ok());
}

// How long the slot stood idle between one request and the next, the middle of `count` last ones.
milliseconds TypicalIdleTime(Gateway& gateway, size_t count) {
  auto chats = gateway.Chats();
  std::vector<simulator::SteadyDuration> idle;
  for (size_t i = chats.size() - count; i < chats.size(); ++i) {
    idle.push_back(*chats[i].slot_granted - *chats[i - 1].ended);
  }
  std::sort(idle.begin(), idle.end());
  return std::chrono::duration_cast<milliseconds>(idle[idle.size() / 2]);
}

TEST(HandAheadTest, TheSlotDoesNotStandIdleWhileMetadataIsRead) {
  Gateway gateway(ReadsMetadata());
  LearnHalfASecond(gateway);
  Answers answers;
  for (int i = 0; i < 6; ++i) answers.push_back(gateway.AskLater(Say("next")));
  absl::Duration longest;
  for (auto& answer : answers) {
    const auto response = answer.get();
    ASSERT_TRUE(response.ok()) << response.status();
    const auto& queue = response->completion().timings().queue();
    longest = std::max(longest, absl::Seconds(queue.seconds()) + absl::Nanoseconds(queue.nanos()));
  }
  EXPECT_LT(TypicalIdleTime(gateway, 5), milliseconds(100));
  EXPECT_GE(gateway.Sum(kHandedAhead), 4);
  // Waiting inside the engine is waiting, too.
  EXPECT_GT(longest, absl::Seconds(2.4));
}

TEST(HandAheadTest, AnOperatorMayHaveNothingHandedAhead) {
  GatewayOptions options = ReadsMetadata();
  options.inference.hand_ahead = "never";
  Gateway gateway(options);
  LearnHalfASecond(gateway);
  Answers answers;
  for (int i = 0; i < 3; ++i) answers.push_back(gateway.AskLater(Say("next")));
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_GE(TypicalIdleTime(gateway, 2), milliseconds(200));
  EXPECT_EQ(gateway.Sum(kHandedAhead), 0);
}

TEST(HandAheadTest, ACallerWhoLeavesBeforeTheSlotIsFreeTakesNothingFromTheNext) {
  Gateway gateway(ReadsMetadata());
  LearnHalfASecond(gateway);
  // It takes four times as long as expected, so that the next one waits inside the engine.
  auto slow = gateway.AskLater(Say("{{sim:rate=10}} slow"));
  ASSERT_TRUE(PollUntil([&] { return gateway.Chats().size() == 5; }));
  auto context = Soon(absl::Minutes(1));
  auto leaving = gateway.stub().StreamGenerate(context.get());
  api::StreamGenerateRequest start;
  *start.mutable_start() = Say("leaving");
  leaving->Write(start);
  leaving->WritesDone();
  ASSERT_TRUE(PollUntil([&] { return gateway.Chats().size() == 6; }));
  EXPECT_EQ(gateway.Chats()[4].phase, simulator::RequestPhase::kStreaming);
  context->TryCancel();
  leaving->Finish();
  ASSERT_TRUE(
      PollUntil([&] { return gateway.Chats()[5].phase == simulator::RequestPhase::kClientGone; }));
  EXPECT_EQ(gateway.Chats()[5].gone_in, simulator::RequestPhase::kQueued);
  EXPECT_EQ(gateway.Sum("tessera_inference_slots_unreleased"), 0);
  EXPECT_TRUE(gateway.Ask(Say("after")).ok());
  EXPECT_TRUE(slow.get().ok());
}

TEST(HandAheadTest, AStreamHearsThatItIsNextAndThenOfItsPrompt) {
  Gateway gateway(ReadsMetadata());
  LearnHalfASecond(gateway);
  auto slow = gateway.AskLater(Say("{{sim:rate=20}} slow"));
  ASSERT_TRUE(PollUntil([&] { return gateway.Chats().size() == 5; }));
  const StreamResult result = gateway.AskStreaming(Say("next"));
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(
      KindsOf(result),
      (std::vector<int>{api::StreamGenerateResponse::kStarted, api::StreamGenerateResponse::kQueued,
                        api::StreamGenerateResponse::kPrefill, api::StreamGenerateResponse::kText,
                        api::StreamGenerateResponse::kFinished}));
  EXPECT_TRUE(slow.get().ok());
}

}  // namespace
}  // namespace tessera::testing
