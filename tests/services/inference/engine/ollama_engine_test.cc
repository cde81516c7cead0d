// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/ollama_engine.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/http/http_errors.h"
#include "tests/services/inference/engine/fake_http_client.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::FakeHttpAnswer;
using testing::FakeHttpClient;
using testing::IsError;
using testing::IsOk;

constexpr char kFirst[] =
    R"({"model":"m","message":{"role":"assistant","content":"gr\u00fc"},"done":false})"
    "\n";
constexpr char kSecond[] =
    "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"ß 世\"},\"done\":false}\n";
constexpr char kLast[] =
    R"({"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop",)"
    R"("prompt_eval_count":5,"eval_count":2})"
    "\n";

struct Recorder : ChatObserver {
  absl::Status OnPiece(const ChatPiece& piece) override {
    text += piece.text;
    ++pieces;
    return answer;
  }
  void OnEnd(absl::StatusOr<ChatOutcome> result) override {
    EXPECT_FALSE(outcome.has_value()) << "a second end";
    outcome = std::move(result);
  }
  absl::Status answer;
  std::string text;
  int pieces = 0;
  std::optional<absl::StatusOr<ChatOutcome>> outcome;
};

std::shared_ptr<Recorder> Chat(FakeHttpAnswer answer, OllamaOptions options = {},
                               absl::Status observer_answer = absl::OkStatus()) {
  auto recorder = std::make_shared<Recorder>();
  recorder->answer = std::move(observer_answer);
  FakeHttpClient http([&](const HttpRequest&) { return answer; });
  OllamaEngine engine(http, std::move(options));
  engine.Chat({.model = "m", .messages = {{.text = "hi"}}}, recorder);
  EXPECT_TRUE(recorder->outcome.has_value());
  return recorder;
}

TEST(OllamaEngineTest, AsksForAStreamAtTheChatEndpointWithinTheDeadline) {
  std::optional<HttpRequest> seen;
  FakeHttpClient http([&](const HttpRequest& request) {
    seen = request;
    return FakeHttpAnswer{.pieces = {kLast}};
  });
  OllamaEngine engine(http, {.url = "http://gpu:11434",
                             .connect_timeout = absl::Seconds(2),
                             .first_token_timeout = absl::Minutes(5),
                             .idle_timeout = absl::Seconds(60)});
  auto recorder = std::make_shared<Recorder>();
  const auto handle = engine.Chat(
      {.model = "m", .messages = {{.text = "hi"}}, .deadline = absl::Now() + absl::Seconds(30)},
      recorder);
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->method, "POST");
  EXPECT_EQ(seen->url, "http://gpu:11434/api/chat");
  EXPECT_EQ(nlohmann::json::parse(*seen->shared_body)["stream"], true);
  EXPECT_EQ(seen->limits.connect, absl::Seconds(2));
  for (const absl::Duration limit :
       {seen->limits.first_byte, seen->limits.idle, seen->limits.total}) {
    EXPECT_GT(limit, absl::Seconds(20));
    EXPECT_LE(limit, absl::Seconds(30));
  }
  handle->Cancel();
  EXPECT_EQ(http.cancels(), 1);
}

TEST(OllamaEngineTest, ReadsTheSameAnswerHoweverTheNetworkCutsIt) {
  const std::string whole = std::string(kFirst) + kSecond + kLast;
  for (size_t first = 0; first <= whole.size(); ++first) {
    const auto recorder = Chat({.pieces = {whole.substr(0, first), whole.substr(first)}});
    ASSERT_THAT(*recorder->outcome, IsOk()) << first;
    ASSERT_EQ(recorder->text, "grüß 世") << first;
  }
  std::vector<std::string> bytes;
  for (const char c : whole) bytes.emplace_back(1, c);
  const auto recorder = Chat({.pieces = bytes});
  ASSERT_THAT(*recorder->outcome, IsOk());
  EXPECT_EQ(recorder->text, "grüß 世");
  EXPECT_EQ(recorder->pieces, 2);
  EXPECT_EQ((*recorder->outcome)->output_tokens, 2);
  EXPECT_EQ((*recorder->outcome)->finish, ChatFinish::kStop);
}

TEST(OllamaEngineTest, TakesALastLineWithoutItsNewline) {
  std::string last = kLast;
  last.pop_back();
  EXPECT_THAT(*Chat({.pieces = {kFirst, last}})->outcome, IsOk());
}

TEST(OllamaEngineTest, AnAnswerWithoutDoneIsBrokenWhatCameIsKept) {
  const auto recorder = Chat({.pieces = {kFirst}});
  EXPECT_THAT(*recorder->outcome, IsError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"));
  EXPECT_EQ(recorder->text, "grü");
  EXPECT_THAT(*Chat({.pieces = {}})->outcome,
              IsError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"));
}

TEST(OllamaEngineTest, AConnectionThatBreaksAfterDoneHasLostNothing) {
  const auto recorder =
      Chat({.pieces = {kFirst, kLast},
            .end = MakeError(StatusCode::kUnavailable, kHttpConnectionReset, "reset")});
  EXPECT_THAT(*recorder->outcome, IsOk());
}

TEST(OllamaEngineTest, AConnectionThatBreaksBeforeDoneIsTold) {
  const absl::Status reset = MakeError(StatusCode::kUnavailable, kHttpConnectionReset, "reset");
  EXPECT_THAT(*Chat({.pieces = {kFirst}, .end = reset})->outcome,
              IsError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"));
  EXPECT_THAT(*Chat({.status = 0, .end = reset})->outcome,
              IsError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE"));
}

TEST(OllamaEngineTest, AnErrorLineEndsTheAnswer) {
  const auto recorder = Chat(
      {.pieces = {kFirst, "{\"error\":\"model runner has unexpectedly stopped, check the logs\"}\n",
                  kSecond}});
  EXPECT_THAT(*recorder->outcome, IsError(StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"));
  EXPECT_EQ(recorder->text, "grü");
}

TEST(OllamaEngineTest, AnErrorReplyIsReadFromItsPieces) {
  const auto recorder =
      Chat({.status = 404, .pieces = {"{\"error\":\"mod", "el 'm' not", " found\"}"}});
  EXPECT_THAT(*recorder->outcome, IsError(StatusCode::kNotFound, "MODEL_NOT_FOUND"));
  EXPECT_EQ(recorder->pieces, 0);
}

TEST(OllamaEngineTest, KeepsLittleOfAHugeErrorReply) {
  FakeHttpAnswer answer{.status = 500};
  for (int i = 0; i < 100; ++i) answer.pieces.emplace_back(100'000, 'x');
  EXPECT_THAT(*Chat(answer)->outcome, IsError(StatusCode::kInternal, "ENGINE_FAILED"));
}

TEST(OllamaEngineTest, GarbageInTheStreamIsAnInvalidReply) {
  for (const std::string garbage : {"<html>\n", "\xFF\xFE\n", "{\"done\":\n", "[]\n"}) {
    const auto recorder = Chat({.pieces = {kFirst, garbage, kLast}});
    EXPECT_THAT(*recorder->outcome, IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
    EXPECT_EQ(recorder->pieces, 1);
  }
}

TEST(OllamaEngineTest, AnEndlessLineIsCutOff) {
  const auto recorder =
      Chat({.pieces = {kFirst, std::string(5'000, 'x')}}, {.max_line_bytes = 4'096});
  EXPECT_THAT(*recorder->outcome, IsError(StatusCode::kResourceExhausted, "REPLY_TOO_LARGE"));
}

TEST(OllamaEngineTest, TheObserversErrorIsTheEnd) {
  const auto recorder = Chat({.pieces = {kFirst, kSecond, kLast}}, {},
                             MakeError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW", "slow"));
  EXPECT_THAT(*recorder->outcome, IsError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
  EXPECT_EQ(recorder->pieces, 1);
}

TEST(OllamaEngineTest, WhatComesAfterDoneIsOfNoInterest) {
  const auto recorder = Chat({.pieces = {kFirst, kLast, "garbage\n", kSecond}});
  EXPECT_THAT(*recorder->outcome, IsOk());
  EXPECT_EQ(recorder->text, "grü");
}

struct VectorRecorder : Recorder {
  absl::Status OnPiece(const ChatPiece& piece) override {
    vectors.assign(piece.embeddings.begin(), piece.embeddings.end());
    return Recorder::OnPiece(piece);
  }
  std::vector<std::vector<float>> vectors;
};

TEST(OllamaEngineTest, EmbedsTexts) {
  auto recorder = std::make_shared<VectorRecorder>();
  std::string url, body;
  FakeHttpClient http([&](const HttpRequest& request) {
    url = request.url;
    body = *request.shared_body;
    return FakeHttpAnswer{.pieces = {R"({"model":"m","embeddings":[[1,0],)",
                                     R"([0,1]],"total_duration":3,"prompt_eval_count":2})"}};
  });
  OllamaEngine engine(http, {.url = "http://engine"});
  engine.Embed({.model = "m", .texts = {"a", "b"}}, recorder);
  EXPECT_EQ(url, "http://engine/api/embed");
  EXPECT_EQ(nlohmann::json::parse(body)["input"], nlohmann::json({"a", "b"}));
  ASSERT_TRUE(recorder->outcome.has_value());
  ASSERT_THAT(*recorder->outcome, IsOk());
  EXPECT_EQ((*recorder->outcome)->prompt_tokens, 2);
  EXPECT_EQ(recorder->vectors, (std::vector<std::vector<float>>{{1, 0}, {0, 1}}));
}

TEST(OllamaEngineTest, SaysWhyTextsWereNotEmbedded) {
  struct Row {
    FakeHttpAnswer answer;
    StatusCode code;
    std::string reason;
  };
  for (const Row& row : std::vector<Row>{
           {{.status = 400,
     .pieces = {R"({"error":"the input length exceeds the context length"})"}},
            StatusCode::kInvalidArgument,
            "CONTEXT_OVERFLOW"},
           {{.status = 404,
           .pieces = {R"({"error":"model \"nope\" not found, try pulling it first"})"}},
            StatusCode::kNotFound,
            "MODEL_NOT_FOUND"},
           {{.status = 501,
           .pieces = {R"({"error":"This server does not support embeddings. Start it with )"
                      R"(`--embeddings`"})"}},
            StatusCode::kFailedPrecondition,
            "MODEL_LACKS_CAPABILITY"},
           {{.pieces = {"{"}}, StatusCode::kInternal, "ENGINE_REPLY_INVALID"}}) {
    auto recorder = std::make_shared<Recorder>();
    FakeHttpClient http([&](const HttpRequest&) { return row.answer; });
    OllamaEngine engine(http, {});
    engine.Embed({.model = "m", .texts = {"a"}}, recorder);
    EXPECT_THAT(*recorder->outcome, IsError(row.code, row.reason));
  }
}

}  // namespace
}  // namespace tessera::inference
