// SPDX-License-Identifier: Apache-2.0
//
// What models say: text, thoughts, tool calls, structured output, and where answers end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulator/error_texts.h"
#include "simulator/ollama_simulator.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

class GenerationTest : public testing::Test {
 protected:
  RawResponse Post(const std::string& body, const std::string& path = "/api/chat") {
    return CallOnce(simulator_->port(), "POST", path, body);
  }
  RawResponse Chat(const std::string& model, const std::string& content,
                   const std::string& more = "") {
    return Post(R"({"model":")" + model + R"(","messages":[{"role":"user","content":")" + content +
                R"("}])" + more + "}");
  }
  std::unique_ptr<OllamaSimulator> simulator_ = OllamaSimulator::Start({}).value();
};

TEST_F(GenerationTest, TheAnswerFollowsThePromptAndItsDirectives) {
  const RawResponse response =
      Chat("tessera-mini", "one two {{sim: tokens=4}}", R"(,"stream":false)");
  EXPECT_THAT(response.body, HasSubstr(R"("content":"Echo: one two and")"));
  EXPECT_THAT(response.body, HasSubstr(R"("eval_count":4,)"));
  simulator_->Script(R"(text="right away")");
  EXPECT_THAT(Chat("tessera-mini", "x", R"(,"stream":false)").body,
              HasSubstr(R"("content":"right away")"));
  EXPECT_THAT(Chat("tessera-mini", "x", R"(,"stream":false)").body, HasSubstr("Echo: x"));
  EXPECT_EQ(simulator_->State().requests[1].answer, "script");
}

TEST_F(GenerationTest, MistakesInDirectivesAreSaid) {
  const RawResponse response = Chat("tessera-mini", "{{sim: tokens=many}}");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("simulator: "));
}

TEST_F(GenerationTest, RulesMatchModelAndPromptOneShotBeforeSticky) {
  simulator_->Script(
      {.contains = "cat", .times = 0, .answer = ParseAnswerScript("text=sticky").value()});
  simulator_->Script({.model = "tessera-mini",
                      .contains = "cat",
                      .times = 1,
                      .answer = ParseAnswerScript("text=once").value()});
  EXPECT_THAT(Chat("tessera-mini", "dog").body, HasSubstr("Echo"));
  EXPECT_THAT(Chat("qwen3-vl:4b", "a cat").body, HasSubstr("sticky"));
  EXPECT_THAT(Chat("tessera-mini", "a cat").body, HasSubstr("once"));
  EXPECT_THAT(Chat("tessera-mini", "a cat").body, HasSubstr("sticky"));
  simulator_->ClearScripts();
  EXPECT_THAT(Chat("tessera-mini", "a cat").body, HasSubstr("Echo"));
}

TEST_F(GenerationTest, PiecesAreWholeCharactersOfSeveralTokens) {
  const RawResponse response = Chat("tessera-mini", R"({{sim: text=\"a \ud83d\ude00 b\"}})");
  // "a", " ", the face, " b" and the last line; the face is three tokens.
  EXPECT_THAT(response.Lines(), SizeIs(5));
  EXPECT_THAT(response.Lines()[2], HasSubstr("\"content\":\"\xf0\x9f\x98\x80\""));
  EXPECT_THAT(response.Lines()[4], HasSubstr("\"eval_count\":6,"));
}

TEST_F(GenerationTest, InvalidUtf8IsTakenAndReplaced) {
  const RawResponse response = Chat("tessera-mini",
                                    "a\xff"
                                    "b",
                                    R"(,"stream":false)");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("Echo: a\xef\xbf\xbd"
                                       "b"));
}

TEST_F(GenerationTest, ASchemaGetsADocumentThatFitsIt) {
  const std::string schema =
      R"(,"stream":false,"format":{"type":"object","properties":{"label":{"type":"string","enum":["document","photo"]},"n":{"type":"integer","minimum":3},"tags":{"type":"array","items":{"type":"string"},"minItems":2},"ok":{"type":"boolean"}},"required":["label"]})";
  EXPECT_THAT(
      Chat("tessera-mini", "x", schema).body,
      HasSubstr(
          R"({\"label\":\"document\",\"n\":3,\"tags\":[\"simulated\",\"simulated\"],\"ok\":true})"));
  EXPECT_THAT(Chat("tessera-mini", "x {{sim: label=photo}}", schema).body,
              HasSubstr(R"(\"label\":\"photo\")"));
}

TEST_F(GenerationTest, LogprobsTellTheConfidenceOfTheLabel) {
  const RawResponse response =
      Chat("tessera-mini", "{{sim: confidence=0.5}}",
           R"(,"logprobs":true,"top_logprobs":2,"format":{"type":"string","enum":["cat","dog"]})");
  EXPECT_THAT(response.Lines()[1], HasSubstr(R"("logprobs":[{"token":"cat","logprob":-0.693)"));
  EXPECT_THAT(response.Lines()[1], HasSubstr(R"({"token":"dog","logprob":-0.693)"));
  EXPECT_THAT(response.Lines()[1], HasSubstr(R"("bytes":[99,97,116])"));
  EXPECT_THAT(response.Lines().back(), Not(HasSubstr("logprobs")));
  EXPECT_EQ(Chat("tessera-mini", "x", R"(,"top_logprobs":21)").body,
            R"({"error":"top_logprobs must be between 0 and 20"})");
}

TEST_F(GenerationTest, PiecesMayBeEmptyAndLinesMayHaveUnknownFields) {
  const RawResponse response = Chat(
      "tessera-mini", "{{sim: empty_pieces=1 unknown_fields=1 tokens=1}}", R"(,"logprobs":true)");
  ASSERT_THAT(response.Lines(), SizeIs(3));
  EXPECT_THAT(response.Lines()[0],
              HasSubstr(R"("content":""},"done":false,"logprobs":[{"token":"",)"));
  EXPECT_THAT(response.Lines()[1], HasSubstr(R"("x_new":{)"));
  EXPECT_THAT(response.Lines()[2], HasSubstr(R"("eval_count":2,)"));
}

TEST_F(GenerationTest, TheLastLineOfALongPromptIsLong) {
  std::string words;
  for (int i = 0; i < 40'000; ++i) words += "w ";
  const RawResponse response =
      Post(R"({"model":"llama3.2-custom","options":{"num_ctx":65536},"prompt":")" + words + R"("})",
           "/api/generate");
  EXPECT_GT(response.Lines().back().size(), 150'000u);
  EXPECT_THAT(response.Lines().back(), HasSubstr(R"("prompt_eval_count":40000,)"));
}

TEST_F(GenerationTest, ThoughtsComeFirstWithEmptyContent) {
  const RawResponse response = Chat("qwen3:4b", "hi {{sim: think=2 tokens=1}}", R"(,"think":true)");
  ASSERT_THAT(response.Lines(), SizeIs(4));
  EXPECT_THAT(response.Lines()[0],
              HasSubstr(R"("message":{"role":"assistant","content":"","thinking":" and"})"));
  EXPECT_THAT(response.Lines()[2], HasSubstr(R"("content":"Echo:"})"));
  EXPECT_THAT(Chat("qwen3:4b", "hi", R"(,"think":false)").body, Not(HasSubstr("thinking")));
  EXPECT_EQ(Chat("qwen3:4b", "hi", R"(,"think":"deep")").status, 400);
  EXPECT_THAT(Chat("qwen3:4b", "hi", R"(,"think":"deep")").body,
              HasSubstr(R"(invalid think value: \"deep\")"));
}

TEST_F(GenerationTest, AModelThatAlwaysThinksPutsEverythingThere) {
  ModelSpec model;
  model.name = "thinker";
  model.capabilities = {"completion", "thinking"};
  model.always_thinks = true;
  simulator_->PutModel(model);
  const RawResponse response = Chat("thinker", "hi", R"(,"think":false,"stream":false)");
  EXPECT_THAT(response.body, HasSubstr(R"("content":"","thinking":"Echo: hi)"));
}

TEST_F(GenerationTest, AToolCallIsAChunkOfItsOwnWithObjectArguments) {
  const std::string tools =
      R"(,"tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}])";
  const RawResponse response = Chat("llama3.2-custom", "how is it?", tools);
  ASSERT_THAT(response.Lines(), SizeIs(2));
  EXPECT_THAT(
      response.Lines()[0],
      MatchesRegex(
          R"(.*"content":"","tool_calls":\[\{"id":"call_[0-9a-f]{8}","function":\{"index":0,"name":"weather","arguments":\{"city":"example"\}\}\}\]\},"done":false\})"));
  EXPECT_THAT(response.Lines()[1], HasSubstr(R"("done_reason":"stop")"));
  // With the result at hand the model talks.
  const RawResponse after = Post(
      R"({"model":"llama3.2-custom","messages":[{"role":"user","content":"how is it?"},{"role":"tool","content":"fine"}])" +
      tools + "}");
  EXPECT_THAT(after.body, Not(HasSubstr("tool_calls")));
  EXPECT_EQ(Chat("tessera-mini", "x", tools).body,
            R"({"error":"registry.ollama.ai/library/tessera-mini:latest does not support tools"})");
}

TEST_F(GenerationTest, AnswersEndAtNumPredictStopStringsAndTheContext) {
  const RawResponse cut = Chat("tessera-mini", "x", R"(,"options":{"num_predict":3})");
  EXPECT_THAT(cut.Lines(), SizeIs(4));
  EXPECT_THAT(cut.body, HasSubstr("\"done_reason\":\"length\""));
  const RawResponse stopped = Chat("tessera-mini", "{{sim: text=\\\"one two three\\\"}}",
                                   R"(,"stream":false,"options":{"stop":["two"]})");
  EXPECT_THAT(stopped.body, HasSubstr(R"("content":"one ")"));
  EXPECT_THAT(stopped.body, HasSubstr("\"done_reason\":\"stop\""));
  const RawResponse full = Chat("llama3.2-custom", "a b c d {{sim: tokens=100}}",
                                R"(,"stream":false,"options":{"num_ctx":24})");
  EXPECT_THAT(full.body, HasSubstr("\"done_reason\":\"length\""));
  EXPECT_THAT(full.body, HasSubstr("\"eval_count\":20,"));
}

TEST_F(GenerationTest, NumPredictZeroNeverEndsWhereOllamaRenders) {
  RawHttpClient client(simulator_->port());
  client.SendRequest("POST", "/api/generate",
                     R"({"model":"llama3.2-custom","prompt":"x","options":{"num_predict":0}})");
  EXPECT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.tokens_sent > 500; }));
  client.Close();
  const RawResponse native = Chat("llama3.2-custom", "x", R"(,"options":{"num_predict":0})");
  EXPECT_THAT(native.Lines(), SizeIs(1));
}

TEST_F(GenerationTest, APromptBeyondTheContextIsRefusedCutOrShifted) {
  std::string words;
  for (int i = 0; i < 600; ++i) words += "word ";
  const std::string small = R"("options":{"num_ctx":512})";
  const RawResponse refused = Post(
      R"({"model":"llama3.2-custom","prompt":")" + words + R"(","truncate":false,)" + small + "}",
      "/api/generate");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(
      refused.body,
      R"({"error":"{\"error\":{\"code\":400,\"message\":\"request (600 tokens) exceeds the available context size (512 tokens), try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":600,\"n_ctx\":512}}"})");
  const RawResponse cut = Post(
      R"({"model":"llama3.2-custom","stream":false,"prompt":")" + words + R"(",)" + small + "}",
      "/api/generate");
  EXPECT_THAT(cut.body, HasSubstr("\"prompt_eval_count\":256,"));
  const RawResponse no_shift =
      Post(R"({"model":"llama3.2-custom","shift":false,"prompt":")" + words + R"(",)" + small + "}",
           "/api/generate");
  EXPECT_EQ(no_shift.status, 400);
  EXPECT_THAT(no_shift.body, HasSubstr(kPromptTooLongText));
  // A conversation loses its oldest messages.
  const RawResponse history =
      Post(R"({"model":"llama3.2-custom","stream":false,"messages":[{"role":"user","content":")" +
           words + R"("},{"role":"user","content":"two words"}],)" + small + "}");
  EXPECT_THAT(history.body, HasSubstr("\"prompt_eval_count\":2,"));
}

TEST_F(GenerationTest, PaceIsThatOfTheScript) {
  const auto start = std::chrono::steady_clock::now();
  Chat("tessera-mini", "{{sim: tokens=11 rate=100 pause_first_ms=50}}", R"(,"stream":false)");
  const auto elapsed = std::chrono::steady_clock::now() - start;
  EXPECT_GE(elapsed, std::chrono::milliseconds(150));
  EXPECT_LT(elapsed, std::chrono::seconds(5));
}

TEST_F(GenerationTest, EmbeddingsAreUnitVectorsOfTheirText) {
  const RawResponse response =
      Post(R"({"model":"tessera-embed","input":["a b","c"],"dimensions":3})", "/api/embed");
  EXPECT_THAT(response.body,
              MatchesRegex(R"(\{"model":"tessera-embed","embeddings":\[\[.*,.*,.*\],\[.*\]\],)"
                           R"("total_duration":.*,"load_duration":.*,"prompt_eval_count":3\})"));
  EXPECT_THAT(Post(R"({"model":"tessera-embed","input":[]})", "/api/embed").body,
              HasSubstr(R"("embeddings":[])"));
  std::string words;
  for (int i = 0; i < 600; ++i) words += "word ";
  EXPECT_EQ(
      Post(R"({"model":"tessera-embed","truncate":false,"input":")" + words + R"("})", "/api/embed")
          .body,
      R"({"error":"the input length exceeds the context length"})");
  EXPECT_THAT(Post(R"({"model":"tessera-embed","prompt":"a"})", "/api/embeddings").body,
              MatchesRegex(R"(\{"embedding":\[.*\]\})"));
}

}  // namespace
}  // namespace tessera::simulator
