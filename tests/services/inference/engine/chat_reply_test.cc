// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/chat_reply.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::IsError;
using testing::IsOk;

TEST(ChatReplyTest, ReadsAPiece) {
  ChatReplyReader reader;
  const auto reply =
      reader.Read(R"({"model":"m","created_at":"2026-11-22T23:53:04.870984684Z",)"
                  R"("message":{"role":"assistant","content":" were"},"done":false})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, " were");
  EXPECT_FALSE(reply->done);
  EXPECT_TRUE(reply->logprobs.empty());
}

TEST(ChatReplyTest, ReadsEveryFieldOfTheLastLine) {
  ChatReplyReader reader;
  const auto reply =
      reader.Read(R"({"model":"m","message":{"role":"assistant","content":""},"done":true,)"
                  R"("done_reason":"stop","total_duration":5000000000,"load_duration":200000000,)"
                  R"("prompt_eval_count":323,"prompt_eval_duration":1500000,"eval_count":42,)"
                  R"("eval_duration":3000000000})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_TRUE(reply->done);
  EXPECT_EQ(reply->text, "");
  EXPECT_EQ(reply->outcome.finish, ChatFinish::kStop);
  EXPECT_EQ(reply->outcome.prompt_tokens, 323);
  EXPECT_EQ(reply->outcome.output_tokens, 42);
  EXPECT_EQ(reply->outcome.total, absl::Seconds(5));
  EXPECT_EQ(reply->outcome.load, absl::Milliseconds(200));
  EXPECT_EQ(reply->outcome.prefill, absl::Microseconds(1500));
  EXPECT_EQ(reply->outcome.decode, absl::Seconds(3));
}

TEST(ChatReplyTest, AbsentNumbersAreZero) {
  ChatReplyReader reader;
  const auto reply = reader.Read(R"({"done":true})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_TRUE(reply->done);
  EXPECT_EQ(reply->outcome.finish, ChatFinish::kUnknown);
  EXPECT_EQ(reply->outcome.prompt_tokens, 0);
  EXPECT_EQ(reply->outcome.total, absl::ZeroDuration());
}

TEST(ChatReplyTest, NonsensicalNumbersDoNoHarm) {
  ChatReplyReader reader;
  const auto reply = reader.Read(
      R"({"done":true,"prompt_eval_count":-5,"eval_count":99999999999,)"
      R"("total_duration":"long","load_duration":18446744073709551615,"eval_duration":1.5})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->outcome.prompt_tokens, 0);
  EXPECT_EQ(reply->outcome.output_tokens, 4294967295);
  EXPECT_EQ(reply->outcome.total, absl::ZeroDuration());
  EXPECT_EQ(reply->outcome.load, absl::ZeroDuration());
  EXPECT_EQ(reply->outcome.decode, absl::ZeroDuration());
}

TEST(ChatReplyTest, KnowsWhyAnAnswerEnded) {
  ChatReplyReader reader;
  EXPECT_EQ(reader.Read(R"({"done":true,"done_reason":"stop"})")->outcome.finish,
            ChatFinish::kStop);
  EXPECT_EQ(reader.Read(R"({"done":true,"done_reason":"length"})")->outcome.finish,
            ChatFinish::kLength);
  for (const char* reason : {R"("load")", R"("unload")", R"("")", "null", "7"}) {
    const std::string line = std::string(R"({"done":true,"done_reason":)") + reason + "}";
    EXPECT_EQ(reader.Read(line)->outcome.finish, ChatFinish::kUnknown) << reason;
  }
}

TEST(ChatReplyTest, UndoesEscapes) {
  ChatReplyReader reader;
  const auto reply = reader.Read(
      R"({"message":{"content":"\u003ca\u003e \"q\" \\ \n \u00e9 \ud83d\ude00 \u0000."},"done":false})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, std::string_view("<a> \"q\" \\ \n é 😀 \0.", 22));
}

TEST(ChatReplyTest, ReadsTheProbabilitiesOfTokens) {
  ChatReplyReader reader;
  const auto reply =
      reader.Read(R"({"message":{"content":"ab"},"done":false,"logprobs":[)"
                  R"({"token":"a","logprob":-0.25,"bytes":[97]},{"token":"b","logprob":0},)"
                  R"({"token":7,"logprob":-1},{"token":"c"},{"logprob":-2},"x"]})");
  ASSERT_THAT(reply, IsOk());
  ASSERT_EQ(reply->logprobs.size(), 2);
  EXPECT_EQ(reply->logprobs[0].token, "a");
  EXPECT_EQ(reply->logprobs[0].logprob, -0.25);
  EXPECT_EQ(reply->logprobs[1].token, "b");
  EXPECT_EQ(reply->logprobs[1].logprob, 0);
}

// As Ollama 0.33 with llama-server 11669 said it.
TEST(ChatReplyTest, ReadsTheProbabilitiesOfAlternativesByTheirBytes) {
  ChatReplyReader reader;
  const auto reply = reader.Read(
      R"({"model":"tiny:q8","created_at":"2026-11-22T23:53:04.84985064Z","message":{"content":)"
      R"(" w496"},"done":false,"logprobs":[{"token":" w496","logprob":-5.027563095092773,)"
      R"("bytes":[32,119,52,57,54],"top_logprobs":[{"token":"A","logprob":-2.976299524307251,)"
      "\"bytes\":[65]},{\"token\":\"\uFFFD\",\"logprob\":-3.027086019515991,"
      R"("bytes":[239,191]}]}]})");
  ASSERT_THAT(reply, IsOk());
  ASSERT_EQ(reply->logprobs.size(), 1);
  EXPECT_EQ(reply->logprobs[0].token, " w496");
  ASSERT_EQ(reply->logprobs[0].top.size(), 2);
  EXPECT_EQ(reply->logprobs[0].top[0].token, "A");
  EXPECT_EQ(reply->logprobs[0].top[0].logprob, -2.976299524307251);
  EXPECT_EQ(reply->logprobs[0].top[1].token, "\xEF\xBF");
}

TEST(ChatReplyTest, ReadsThinking) {
  ChatReplyReader reader;
  const auto reply =
      reader.Read(R"({"model":"tinyvlt","created_at":"2026-11-22T23:53:07.302518449Z","message":)"
                  R"({"role":"assistant","content":"","thinking":","},"done":false})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, "");
  EXPECT_EQ(reply->thinking, ",");
}

TEST(ChatReplyTest, ReadsToolCalls) {
  ChatReplyReader reader;
  const auto reply = reader.Read(
      R"({"message":{"role":"assistant","content":"","tool_calls":[)"
      R"({"id":"call_ab12cd34","function":{"index":0,"name":"f","arguments":{"a": [1, "x"]}}},)"
      R"({"function":{"name":"g"}},{"function":{"name":"h","arguments":null}}]},"done":false})");
  ASSERT_THAT(reply, IsOk());
  ASSERT_EQ(reply->tool_calls.size(), 3);
  EXPECT_EQ(reply->tool_calls[0].name, "f");
  EXPECT_EQ(reply->tool_calls[0].id, "call_ab12cd34");
  EXPECT_EQ(reply->tool_calls[0].arguments_json, R"({"a":[1,"x"]})");
  EXPECT_EQ(reply->tool_calls[1].name, "g");
  EXPECT_EQ(reply->tool_calls[1].id, "");
  EXPECT_EQ(reply->tool_calls[1].arguments_json, "{}");
  EXPECT_EQ(reply->tool_calls[2].arguments_json, "{}");
}

TEST(ChatReplyTest, RefusesToolCallsThatCannotBeMade) {
  ChatReplyReader reader;
  for (const char* call : {"7", "{}", R"({"function":{}})", R"({"function":{"name":7}})",
                           R"({"function":{"name":"f","arguments":"{}"}})"}) {
    EXPECT_THAT(
        reader.Read(std::string(R"({"message":{"tool_calls":[)") + call + R"(]},"done":false})"),
        IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"))
        << call;
  }
  EXPECT_THAT(reader.Read(R"({"message":{"thinking":7},"done":false})"),
              IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
}

TEST(ChatReplyTest, ReadsVectors) {
  const auto reply = ReadEmbedReply(
      R"({"model":"m","embeddings":[[0.5,-1,2e-3],[1,2,3]],"total_duration":14143917,)"
      R"("load_duration":1019500,"prompt_eval_count":8})");
  ASSERT_THAT(reply, IsOk());
  ASSERT_EQ(reply->embeddings.size(), 2);
  EXPECT_EQ(reply->embeddings[0], std::vector<float>({0.5F, -1.0F, 0.002F}));
  EXPECT_EQ(reply->embeddings[1], std::vector<float>({1, 2, 3}));
  EXPECT_EQ(reply->outcome.prompt_tokens, 8);
  EXPECT_EQ(reply->outcome.load, absl::Nanoseconds(1'019'500));
}

TEST(ChatReplyTest, RefusesWhatAreNoVectors) {
  for (const char* json : {"", "[]", "{}", R"({"embeddings":7})", R"({"embeddings":[7]})",
                           R"({"embeddings":[["x"]]})"}) {
    EXPECT_THAT(ReadEmbedReply(json), IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"))
        << json;
  }
  EXPECT_THAT(ReadEmbedReply(R"({"error":"out of memory"})"),
              IsError(StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"));
}

TEST(ChatReplyTest, PassesOverWhatItDoesNotKnow) {
  ChatReplyReader reader;
  const auto reply =
      reader.Read(R"({"new":{"deep":[1,{"message":"x"}]},"message":{"content":"a","thinking":"hm",)"
                  R"("tool_calls":[]},"done":false,"logprobs":null})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, "a");
}

TEST(ChatReplyTest, AMessageMayHaveNoContent) {
  ChatReplyReader reader;
  const auto reply =
      reader.Read(R"({"message":{"role":"assistant","thinking":"hm"},"done":false})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, "");
}

TEST(ChatReplyTest, AnErrorLineIsTheEnginesError) {
  ChatReplyReader reader;
  EXPECT_THAT(reader.Read(R"({"error":"an error was encountered while running the model: EOF"})"),
              IsError(StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"));
  EXPECT_THAT(reader.Read(R"({"error":""})"), IsError(StatusCode::kInternal, "ENGINE_FAILED"));
}

TEST(ChatReplyTest, RefusesWhatIsNoReply) {
  ChatReplyReader reader;
  for (const char* line :
       {"", "not json", "{", R"({"done":false)", "[]", "7", "null", "{}", R"({"done":"no"})",
        R"({"message":{"content":"a"}})", R"({"done":false})", R"({"message":"a","done":false})",
        R"({"message":{"content":7},"done":false})", R"({"message":{"content":null},"done":false})",
        R"({"error":7})", "{\"message\":{\"content\":\"\xFF\"},\"done\":false}",
        R"({"message":{"content":"\ud83d"},"done":false})"}) {
    EXPECT_THAT(reader.Read(line), IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID")) << line;
  }
}

TEST(ChatReplyTest, ReadsOnAfterABadLine) {
  ChatReplyReader reader;
  EXPECT_FALSE(reader.Read("garbage").ok());
  EXPECT_THAT(reader.Read(R"({"message":{"content":"a"},"done":false})"), IsOk());
}

TEST(ChatReplyTest, ReadsALineOfSeveralHundredKilobytes) {
  ChatReplyReader reader;
  const std::string content(400'000, 'x');
  const auto reply =
      reader.Read(R"({"message":{"content":")" + content + R"("},"context":[1,2],"done":false})");
  ASSERT_THAT(reply, IsOk());
  EXPECT_EQ(reply->text, content);
}

TEST(ChatReplyTest, RefusesADocumentThatIsNestedWithoutEnd) {
  ChatReplyReader reader;
  EXPECT_THAT(reader.Read(R"({"x":)" + std::string(100'000, '[')),
              IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
}

}  // namespace
}  // namespace tessera::inference
