// SPDX-License-Identifier: Apache-2.0
//
// Several engines: placement, retries, circuit breakers.
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

TEST(BackendsTest, WhatFailsOnOneEngineSucceedsOnTheOther) {
  Gateway gateway(OneSlot(2));
  gateway.engine(0).Script("fault=reset:head", /*times=*/0);
  for (int i = 0; i < 20; ++i) {
    const auto answer = gateway.Ask(Say("hello"));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->completion().backend(), 1U);
  }
  EXPECT_EQ(gateway.Chats(1).size(), 20U);
  // After a few failures it is left alone but for a probe now and then.
  EXPECT_LT(gateway.Chats(0).size(), 10U);
}

TEST(BackendsTest, AnEngineThatIsDownCostsNobodyAnything) {
  Gateway gateway(OneSlot(2));
  for (int round = 0; round < 2; ++round) {
    gateway.engine(static_cast<size_t>(round)).Crash();
    for (int i = 0; i < 20; ++i) {
      const auto answer = gateway.Ask(Say("hello"));
      EXPECT_TRUE(answer.ok()) << answer.status();
    }
    ASSERT_TRUE(gateway.engine(static_cast<size_t>(round)).Restart().ok());
    EXPECT_TRUE(gateway.WaitForSum("tessera_inference_backend_up", 2));
  }
}

TEST(BackendsTest, AStreamThatEndsWithoutBeingDoneIsRetriedIfNothingWasDelivered) {
  Gateway gateway(OneSlot());
  gateway.engine().Script("fault=close:0");
  const StreamResult retried = gateway.AskStreaming(Say("hello"));
  EXPECT_TRUE(retried.status.ok()) << retried.status;
  const auto event = std::find_if(retried.events.begin(), retried.events.end(),
                                  [](const auto& told) { return told.has_retrying(); });
  ASSERT_NE(event, retried.events.end());
  EXPECT_EQ(event->retrying().attempts(), 1U);
  EXPECT_EQ(event->retrying().reason(), "ENGINE_STREAM_BROKEN");
  EXPECT_EQ(retried.events.back().finished().attempts(), 2U);

  gateway.engine().Script("text=\"one two three four\" fault=close:2");
  const StreamResult broken = gateway.AskStreaming(Say("hello"));
  EXPECT_EQ(ReasonOf(broken.status), "ENGINE_STREAM_BROKEN") << broken.status;
  EXPECT_EQ(broken.text.rfind("one", 0), 0U);
  EXPECT_EQ(gateway.Chats().size(), 3U);
}

TEST(BackendsTest, AUnaryAnswerThatBreaksIsMadeAnew) {
  Gateway gateway(OneSlot());
  gateway.engine().Script("text=\"one two three four\" fault=reset:2");
  gateway.engine().Script("text=\"whole\"");
  const auto answer = gateway.Ask(Say("hello"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->text(), "whole");
  EXPECT_EQ(answer->completion().attempts(), 2U);
}

TEST(BackendsTest, TheCircuitOpensAndClosesWithAProbe) {
  Gateway gateway(OneSlot());
  gateway.engine().Script("fault=status:500", /*times=*/0);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(gateway.Ask(Say("hello")).ok());
  ASSERT_TRUE(gateway.WaitForSum("tessera_inference_breaker_opened_total", 1));
  const size_t seen = gateway.Chats().size();
  EXPECT_LE(seen, 12U);
  // Short pauses are waited for; they grow, and then nothing is.
  ASSERT_TRUE(PollUntil([&] {
    const absl::Time start = absl::Now();
    const auto answer = gateway.Ask(Say("hello"));
    return answer.status().code() == StatusCode::kUnavailable &&
           RetryAfterOf(answer.status()) > absl::Seconds(2) &&
           absl::Now() - start < absl::Milliseconds(500);
  }));
  gateway.engine().ClearScripts();
  EXPECT_TRUE(PollUntil([&] { return gateway.Ask(Say("hello")).ok(); }));
  EXPECT_TRUE(PollUntil([&] { return gateway.Sum("tessera_inference_breaker_state") == 0; }));
}

TEST(BackendsTest, AMomentOfFailuresCostsThoseWhoComeThenAWaitAndNoError) {
  Gateway gateway(OneSlot(2));
  for (size_t i = 0; i < 2; ++i) gateway.engine(i).Script("fault=status:500", /*times=*/0);
  ASSERT_TRUE(PollUntil([&] {
    EXPECT_FALSE(gateway.Ask(Say("hello")).ok());
    return gateway.Sum("tessera_inference_breaker_opened_total") >= 2;
  }));
  for (size_t i = 0; i < 2; ++i) gateway.engine(i).ClearScripts();
  const auto answer = gateway.Ask(Say("hello"));
  EXPECT_TRUE(answer.ok()) << answer.status();
}

TEST(BackendsTest, TheEngineThatHasTheModelLoadedIsPreferred) {
  Gateway gateway(OneSlot(2));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(gateway.Ask(Say("hello")).ok());
  // Whichever it was first.
  EXPECT_TRUE(gateway.Chats(0).empty() || gateway.Chats(1).empty());
}

TEST(BackendsTest, LoadIsSpreadOverEnginesThatHaveTheModel) {
  Gateway gateway(OneSlot(2));
  api::GenerateRequest slow = Say("{{sim: tokens=5 rate=50}} go on");
  std::vector<std::future<absl::StatusOr<api::GenerateResponse>>> answers;
  for (int i = 0; i < 12; ++i) answers.push_back(gateway.AskLater(slow));
  for (auto& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_GE(gateway.Chats(0).size(), 4U);
  EXPECT_GE(gateway.Chats(1).size(), 4U);
}

}  // namespace
}  // namespace tessera::testing
