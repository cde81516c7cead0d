// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulator/error_texts.h"
#include "simulator/ollama_simulator.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class FaultTest : public testing::Test {
 protected:
  RawResponse Chat(bool stream = true) {
    return CallOnce(simulator_->port(), "POST", "/api/chat", Body(stream));
  }
  static std::string Body(bool stream = true) {
    return std::string(R"({"model":"tessera-mini","messages":[{"role":"user","content":"hi"}])") +
           (stream ? "}" : R"(,"stream":false})");
  }
  void ExpectNextRequestWorks() {
    const RawResponse next = Chat();
    EXPECT_EQ(next.status, 200);
    EXPECT_THAT(next.body, HasSubstr("\"done\":true"));
  }
  std::unique_ptr<OllamaSimulator> simulator_ = OllamaSimulator::Start({}).value();
};

TEST_F(FaultTest, StatusHasOllamasTextForIt) {
  simulator_->Script("fault=status:503");
  RawResponse response = Chat();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            "{\"error\":\"server busy, please try again.  maximum pending requests exceeded\"}");
  EXPECT_FALSE(response.headers.contains("Retry-After"));
  simulator_->Script("fault=status:500");
  EXPECT_THAT(Chat().body, HasSubstr(kRunnerEofText));
  simulator_->Script(R"(fault="status:400:any text: here")");
  EXPECT_EQ(Chat().body, R"({"error":"any text: here"})");
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, ResetComesBeforeTheHeadOrAfterSomeLines) {
  simulator_->Script("fault=reset:head");
  RawResponse response = Chat();
  EXPECT_EQ(response.end, ReadEnd::kReset);
  EXPECT_EQ(response.status, 0);
  simulator_->Script("fault=reset:3");
  response = Chat();
  EXPECT_EQ(response.end, ReadEnd::kReset);
  EXPECT_THAT(response.Lines(), SizeIs(3));
  simulator_->Script("fault=reset:1");
  response = Chat(/*stream=*/false);
  EXPECT_EQ(response.end, ReadEnd::kReset);
  EXPECT_THAT(response.body, HasSubstr("{\"model\""));
  ASSERT_TRUE(
      simulator_->WaitFor([](const JournalState& state) { return state.counters.faulted == 3; }));
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, AbortClosesInTheMiddleOfTheBody) {
  simulator_->Script("fault=abort:2", 2);
  RawResponse response = Chat();
  EXPECT_EQ(response.end, ReadEnd::kClosed);
  EXPECT_THAT(response.Lines(), SizeIs(2));
  EXPECT_EQ(Chat(/*stream=*/false).end, ReadEnd::kClosed);
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, CloseEndsCleanlyWithoutDone) {
  simulator_->Script("fault=close:2", 2);
  RawResponse response = Chat();
  EXPECT_EQ(response.end, ReadEnd::kComplete);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.Lines(), SizeIs(2));
  EXPECT_THAT(response.body, Not(HasSubstr("\"done\":true")));
  response = Chat(/*stream=*/false);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, EndsWith("\"done\":false}"));
  EXPECT_THAT(response.body, Not(HasSubstr("eval_count")));
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, ErrorIsAStatusBeforeTheFirstLineAndALineAfterIt) {
  simulator_->Script("fault=error:0");
  RawResponse response = Chat();
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.Header("Content-Type"), "application/json");
  simulator_->Script(R"(fault="error:2:it broke")");
  response = Chat();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.end, ReadEnd::kComplete);
  ASSERT_THAT(response.Lines(), SizeIs(3));
  EXPECT_EQ(response.Lines()[2], R"({"error":"it broke"})");
  simulator_->Script("fault=error:2");
  EXPECT_EQ(Chat(/*stream=*/false).status, 500);
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, ADeadRunnerIsLoadedAgain) {
  ExpectNextRequestWorks();
  simulator_->Script("fault=runner_died:2");
  const RawResponse response = Chat();
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.Lines().back(), HasSubstr(kRunnerEofText));
  EXPECT_EQ(simulator_->counters().unloads, 1u);
  ExpectNextRequestWorks();
  EXPECT_EQ(simulator_->counters().loads_finished, 2u);
}

TEST_F(FaultTest, BlackholeAndSilenceNeverAnswer) {
  simulator_->Script("fault=blackhole");
  RawHttpClient blackhole(simulator_->port());
  blackhole.SendRequest("POST", "/api/chat", Body());
  EXPECT_TRUE(blackhole.StaysSilent(50));
  // It took no slot of a model that has only one.
  ExpectNextRequestWorks();

  simulator_->Script("fault=silent:2");
  RawHttpClient silent(simulator_->port());
  silent.SendRequest("POST", "/api/chat", Body());
  const RawResponse begun = silent.Read(/*limit_ms=*/100);
  EXPECT_EQ(begun.end, ReadEnd::kTimedOut);
  EXPECT_THAT(begun.Lines(), SizeIs(2));
  silent.Close();
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, BrokenJsonComesWithACleanEnd) {
  simulator_->Script("fault=truncated:1");
  RawResponse response = Chat();
  EXPECT_EQ(response.end, ReadEnd::kComplete);
  EXPECT_THAT(response.Lines(), SizeIs(2));
  EXPECT_THAT(response.Lines()[1], Not(EndsWith("}")));
  simulator_->Script("fault=garbage:1");
  EXPECT_THAT(Chat().Lines()[1], HasSubstr("not JSON"));
  simulator_->Script("fault=html");
  response = Chat();
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.Header("Content-Type"), "text/html");
  simulator_->Script("fault=truncated");
  EXPECT_THAT(Chat(/*stream=*/false).body, Not(EndsWith("}")));
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, ABigLineIsMadeAsItIsSent) {
  constexpr int kBytes = 20'000'000;
  simulator_->Script("fault=bigline:" + std::to_string(kBytes));
  RawHttpClient client(simulator_->port());
  client.SendRequest("POST", "/api/chat", Body());
  const RawResponse begun = client.Read(/*limit_ms=*/50);
  EXPECT_GT(begun.body.size(), 100'000u);
  client.Close();
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.clients_gone == 1; }));

  simulator_->Script("fault=bigline:3000000");
  const RawResponse whole = Chat();
  EXPECT_EQ(whole.end, ReadEnd::kComplete);
  EXPECT_GT(whole.Lines()[0].size(), 3'000'000u);
  EXPECT_THAT(whole.Lines().back(), HasSubstr("\"done\":true"));
}

TEST_F(FaultTest, AnEndlessStreamEndsWithItsReader) {
  simulator_->Script("fault=endless rate=2000");
  RawHttpClient client(simulator_->port());
  client.SendRequest("POST", "/api/chat", Body());
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.tokens_sent > 100; }));
  client.Close();
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.clients_gone == 1; }));
  EXPECT_EQ(simulator_->State().Last("/api/chat")->gone_in, RequestPhase::kStreaming);
  ExpectNextRequestWorks();
}

TEST_F(FaultTest, RulesApplyToOtherPathsAndCountDown) {
  const AnswerScript down = ParseAnswerScript("fault=status:500").value();
  simulator_->Script({.path = "/api/tags", .times = 2, .answer = down});
  EXPECT_EQ(CallOnce(simulator_->port(), "GET", "/api/version").status, 200);
  EXPECT_EQ(CallOnce(simulator_->port(), "GET", "/api/tags").status, 500);
  EXPECT_EQ(CallOnce(simulator_->port(), "GET", "/api/tags").status, 500);
  EXPECT_EQ(CallOnce(simulator_->port(), "GET", "/api/tags").status, 200);
}

TEST_F(FaultTest, ConnectingIsRefusedWhileNotListening) {
  RawHttpClient kept(simulator_->port());
  EXPECT_EQ(kept.Call("GET", "/api/version").status, 200);
  simulator_->StopListening();
  EXPECT_FALSE(RawHttpClient(simulator_->port()).connected());
  EXPECT_EQ(kept.Call("GET", "/api/version").status, 200);
  ASSERT_TRUE(simulator_->ResumeListening().ok());
  EXPECT_TRUE(RawHttpClient(simulator_->port()).connected());
}

TEST_F(FaultTest, ACrashResetsEverythingAndForgetsTheModels) {
  ExpectNextRequestWorks();
  simulator_->Script("fault=endless rate=1000");
  RawHttpClient client(simulator_->port());
  client.SendRequest("POST", "/api/chat", Body());
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.tokens_sent > 20; }));
  simulator_->Crash();
  EXPECT_EQ(client.Read().end, ReadEnd::kReset);
  EXPECT_FALSE(RawHttpClient(simulator_->port()).connected());
  ASSERT_TRUE(simulator_->Restart().ok());
  EXPECT_EQ(CallOnce(simulator_->port(), "GET", "/api/ps").body, "{\"models\":[]}");
  ExpectNextRequestWorks();
  EXPECT_EQ(simulator_->counters().loads_finished, 2u);
}

TEST(CrashTest, ACrashInTheMiddleOfALoadLosesTheLoad) {
  OllamaSimulator::Options options;
  for (ModelSpec& model : options.models) model.load_time = absl::Milliseconds(100);
  const auto simulator = OllamaSimulator::Start(options).value();
  constexpr char kChat[] =
      R"({"model":"tessera-mini","messages":[{"role":"user","content":"hi"}]})";
  RawHttpClient client(simulator->port());
  client.SendRequest("POST", "/api/chat", kChat);
  ASSERT_TRUE(simulator->WaitFor(
      [](const JournalState& state) { return state.counters.loads_started == 1; }));
  simulator->Crash();
  EXPECT_EQ(client.Read().end, ReadEnd::kReset);
  ASSERT_TRUE(simulator->Restart().ok());
  EXPECT_EQ(CallOnce(simulator->port(), "POST", "/api/chat", kChat).status, 200);
  EXPECT_EQ(simulator->counters().loads_started, 2u);
  EXPECT_EQ(simulator->counters().loads_finished, 1u);
}

TEST(LimitTest, ABodyOverTheLimitGets413) {
  OllamaSimulator::Options options;
  options.max_body_bytes = 1000;
  const auto simulator = OllamaSimulator::Start(options).value();
  RawHttpClient client(simulator->port());
  const RawResponse response = client.Call("POST", "/api/chat", std::string(5000, ' '));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, R"({"error":""})");
  EXPECT_EQ(client.Call("GET", "/api/version").status, 200);
}

TEST(ParseFaultTest, RefusesWhatItDoesNotKnow) {
  for (const char* bad : {"", "explode", "status", "status:200", "reset:-1", "bigline:x"}) {
    EXPECT_FALSE(ParseFault(bad).ok()) << bad;
  }
  EXPECT_TRUE(ParseFault("reset:head")->before_head);
  EXPECT_EQ(ParseFault("reset:3")->after_lines, 3);
  EXPECT_EQ(ParseFault("status:503:a:b")->text, "a:b");
  EXPECT_EQ(ParseFault("bigline")->bytes, 1ull << 30);
}

}  // namespace
}  // namespace tessera::simulator
