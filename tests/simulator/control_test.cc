// SPDX-License-Identifier: Apache-2.0
//
// The simulator's own endpoints, directives and journal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "simulator/ollama_simulator.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::HasSubstr;

constexpr char kChat[] = R"({"model":"tessera-mini","messages":[{"role":"user","content":"hi"}]})";

TEST(AnswerScriptTest, ReadsEveryDirective) {
  const auto script = ParseAnswerScript(
      R"(tokens=5 text="a \"b\"\n" label=cat confidence=0.5 think=3 tool=t rate=10.5 prefill_rate=2 pause_first_ms=1 pause_ms=2 jitter_ms=3 done_reason=length prompt_tokens=9 wedge_on_cancel=1 fault=reset:3 deliver=split:7)");
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->tokens, 5);
  EXPECT_EQ(script->text, "a \"b\"\n");
  EXPECT_EQ(script->rate, 10.5);
  EXPECT_EQ(script->pause, absl::Milliseconds(2));
  EXPECT_EQ(script->fault->after_lines, 3);
  EXPECT_EQ(script->delivery->segment_bytes, 7u);
  EXPECT_TRUE(ParseAnswerScript("").ok());
}

TEST(AnswerScriptTest, NamesWhatItCannotRead) {
  for (const char* bad : {"tokens", "tokens=-1", "speed=3", "confidence=2", "fault=boom"}) {
    EXPECT_FALSE(ParseAnswerScript(bad).ok()) << bad;
  }
}

TEST(ControlTest, RulesCanBeAddedOverHttp) {
  const auto simulator = OllamaSimulator::Start({}).value();
  EXPECT_EQ(CallOnce(simulator->port(), "POST", "/simulator/script",
                     R"({"answer":"fault=status:503","times":0})")
                .status,
            200);
  EXPECT_EQ(CallOnce(simulator->port(), "POST", "/api/chat", kChat).status, 503);
  EXPECT_EQ(CallOnce(simulator->port(), "DELETE", "/simulator/script").status, 200);
  EXPECT_EQ(CallOnce(simulator->port(), "POST", "/api/chat", kChat).status, 200);
  EXPECT_EQ(CallOnce(simulator->port(), "POST", "/simulator/script", R"({"answer":"x"})").status,
            400);
  EXPECT_EQ(
      CallOnce(simulator->port(), "POST", "/simulator/runner/kill", R"({"model":"tessera-mini"})")
          .status,
      200);
  EXPECT_EQ(simulator->counters().unloads, 1u);
}

TEST(ControlTest, StateShowsCountersRunnersAndRequests) {
  const auto simulator = OllamaSimulator::Start({}).value();
  CallOnce(simulator->port(), "POST", "/api/chat", kChat, "X-Request-Id: abc\r\n");
  const std::string state = CallOnce(simulator->port(), "GET", "/simulator/state?records=5").body;
  EXPECT_THAT(state, HasSubstr(R"("answered":1,)"));
  EXPECT_THAT(state, HasSubstr(R"("runners":[{"model":"tessera-mini:latest",)"));
  EXPECT_THAT(state, HasSubstr(R"("request_id":"abc","model":"tessera-mini","prompt":"hi",)"));
  EXPECT_THAT(state, HasSubstr(R"("phase":"answered")"));
  EXPECT_EQ(CallOnce(simulator->port(), "POST", "/simulator/clear").status, 200);
  EXPECT_EQ(simulator->State().Last("/api/chat"), nullptr);
}

TEST(JournalTest, ForgetsTheOldestAndCountsOn) {
  OllamaSimulator::Options options;
  options.keep_records = 3;
  const auto simulator = OllamaSimulator::Start(options).value();
  for (int i = 0; i < 5; ++i) {
    CallOnce(simulator->port(), "GET", "/api/version");
  }
  ASSERT_TRUE(
      simulator->WaitFor([](const JournalState& state) { return state.counters.answered == 5; }));
  EXPECT_EQ(simulator->State().requests.size(), 3u);
  EXPECT_EQ(simulator->State().requests.front().id, 3u);
}

TEST(JournalTest, TellsWhenAClientsGoingWasNoticed) {
  const auto simulator = OllamaSimulator::Start({}).value();
  RawHttpClient client(simulator->port());
  client.SendRequest(
      "POST", "/api/chat",
      R"({"model":"tessera-mini","messages":[{"role":"user","content":"{{sim: tokens=100 rate=100}}"}]})");
  ASSERT_TRUE(
      simulator->WaitFor([](const JournalState& state) { return state.counters.lines_sent >= 3; }));
  const auto closed = std::chrono::steady_clock::now();
  client.Close();
  ASSERT_TRUE(simulator->WaitFor(
      [](const JournalState& state) { return state.counters.clients_gone == 1; }));
  const JournalState state = simulator->State();
  const RequestRecord* record = state.Last("/api/chat");
  EXPECT_GE(record->lines_sent, 3);
  ASSERT_TRUE(record->ended.has_value());
  EXPECT_LT(*record->ended - closed, std::chrono::seconds(1));
  EXPECT_GT(*record->ended, closed);
}

TEST(OllamaSimulatorTest, ServesManyClientsOnSeveralThreads) {
  OllamaSimulator::Options options;
  options.io_threads = 2;
  const auto simulator = OllamaSimulator::Start(options).value();
  constexpr int kClients = 8;
  constexpr int kCalls = 25;
  std::vector<std::thread> threads;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      RawHttpClient client(simulator->port());
      for (int k = 0; k < kCalls; ++k) {
        const std::string word = "w" + std::to_string(i) + "x" + std::to_string(k);
        const RawResponse response = client.Call(
            "POST", "/api/chat",
            R"({"model":"llama3.2-custom","stream":false,"messages":[{"role":"user","content":")" +
                word + R"("}]})");
        EXPECT_THAT(response.body, HasSubstr("Echo: " + word + " "));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(simulator->WaitFor([](const JournalState& state) {
    return state.counters.answered == static_cast<uint64_t>(kClients) * kCalls;
  }));
  EXPECT_EQ(simulator->counters().connections_accepted, static_cast<uint64_t>(kClients));
}

TEST(OllamaSimulatorTest, ListensOnLoopbackOnly) {
  OllamaSimulator::Options options;
  options.address = "0.0.0.0";
  EXPECT_EQ(OllamaSimulator::Start(options).status().code(), absl::StatusCode::kInvalidArgument);
  const auto first = OllamaSimulator::Start({}).value();
  options.address = "127.0.0.1";
  options.port = first->port();
  EXPECT_EQ(OllamaSimulator::Start(options).status().code(), absl::StatusCode::kUnavailable);
}

TEST(OllamaSimulatorTest, StopsWithRequestsOpen) {
  auto simulator = OllamaSimulator::Start({}).value();
  RawHttpClient waiting(simulator->port());
  waiting.SendRequest(
      "POST", "/api/chat",
      R"({"model":"tessera-mini","messages":[{"role":"user","content":"{{sim: tokens=9 rate=1}}"}]})");
  ASSERT_TRUE(
      simulator->WaitFor([](const JournalState& state) { return state.counters.lines_sent >= 1; }));
  simulator.reset();
  EXPECT_NE(waiting.Read().end, ReadEnd::kComplete);
}

}  // namespace
}  // namespace tessera::simulator
