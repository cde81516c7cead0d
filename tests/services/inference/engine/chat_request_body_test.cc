// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/chat_request_body.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/escaping.h"

namespace tessera::inference {
namespace {

using nlohmann::json;

json Body(const ChatRequest& request) { return json::parse(MakeChatRequestBody(request)); }

ChatRequest Hello() {
  return {.model = "llama3.2-custom",
          .messages = {{.role = ChatRole::kUser, .text = "hello"}},
          .keep_alive = absl::Minutes(30)};
}

TEST(ChatRequestBodyTest, OfASmallRequestHasWhatOllamaNeedsAndNoMore) {
  EXPECT_EQ(Body(Hello()), json::parse(R"({
    "model": "llama3.2-custom", "stream": true, "keep_alive": "1800000ms", "options": {},
    "messages": [{"role": "user", "content": "hello"}]})"));
}

TEST(ChatRequestBodyTest, OfAFullRequestHasEverything) {
  ChatRequest request = Hello();
  request.model = "qwen3-vl:4b";
  request.messages = {{.role = ChatRole::kSystem, .text = "be brief"},
                      {.role = ChatRole::kUser, .text = "what?", .images = {"abc", "de"}},
                      {.role = ChatRole::kAssistant, .text = "that"},
                      {.role = ChatRole::kUser, .text = "why?"}};
  request.sampling = {.max_output_tokens = 12,
                      .temperature = 0.5,
                      .top_k = 40,
                      .top_p = 0.75,
                      .min_p = 0.25,
                      .repeat_penalty = 1.5,
                      .seed = 7,
                      .stop = {"\n", "END"}};
  request.format_json = R"({"type":"object"})";
  request.logprobs = true;
  request.keep_alive = absl::Milliseconds(1500);
  EXPECT_EQ(Body(request), json::parse(R"({
    "model": "qwen3-vl:4b", "stream": true, "keep_alive": "1500ms",
    "format": {"type": "object"}, "logprobs": true,
    "options": {"num_predict": 12, "temperature": 0.5, "top_k": 40, "top_p": 0.75, "min_p": 0.25,
                "repeat_penalty": 1.5, "seed": 7, "stop": ["\n", "END"]},
    "messages": [{"role": "system", "content": "be brief"},
                 {"role": "user", "content": "what?", "images": ["YWJj", "ZGU="]},
                 {"role": "assistant", "content": "that"},
                 {"role": "user", "content": "why?"}]})"));
}

TEST(ChatRequestBodyTest, HasEveryOptionOfSamplingAndRuntime) {
  ChatRequest request = Hello();
  request.sampling = {.typical_p = 0.5,
                      .repeat_last_n = 0,
                      .presence_penalty = -0.5,
                      .frequency_penalty = 0.25,
                      .num_keep = 9};
  request.runtime = {.num_ctx = 8192,
                     .num_batch = 256,
                     .num_gpu = 0,
                     .main_gpu = 1,
                     .use_mmap = false,
                     .num_thread = 4};
  EXPECT_EQ(Body(request)["options"], json::parse(R"({
    "typical_p": 0.5, "repeat_last_n": 0, "presence_penalty": -0.5, "frequency_penalty": 0.25,
    "num_keep": 9, "num_ctx": 8192, "num_batch": 256, "num_gpu": 0, "main_gpu": 1,
    "use_mmap": false, "num_thread": 4})"));
}

TEST(ChatRequestBodyTest, ToldToolsTheirCallsAndTheirResults) {
  ChatRequest request = Hello();
  request.tools = {{.name = "weather",
                    .description = "Tells the \"weather\".",
                    .parameters_json = R"({"type":"object","properties":{}})"}};
  request.messages = {
      {.role = ChatRole::kUser, .text = "rain?"},
      {.role = ChatRole::kAssistant,
       .thinking = "let me see",
       .tool_calls = {{.name = "weather", .arguments_json = R"({"city":"Oslo"})", .id = "call_1"},
                      {.name = "clock", .arguments_json = "{}"}}},
      {.role = ChatRole::kTool, .text = "rain", .tool_name = "weather"},
  };
  const json body = Body(request);
  EXPECT_EQ(body["tools"], json::parse(R"([{"type": "function", "function": {"name": "weather",
    "description": "Tells the \"weather\".",
    "parameters": {"type": "object", "properties": {}}}}])"));
  EXPECT_EQ(body["messages"], json::parse(R"([
    {"role": "user", "content": "rain?"},
    {"role": "assistant", "content": "", "thinking": "let me see", "tool_calls": [
      {"function": {"name": "weather", "arguments": {"city": "Oslo"}}, "id": "call_1"},
      {"function": {"name": "clock", "arguments": {}}}]},
    {"role": "tool", "content": "rain", "tool_name": "weather"}])"));
}

TEST(ChatRequestBodyTest, AsksForThinkingAndAlternatives) {
  ChatRequest request = Hello();
  EXPECT_FALSE(Body(request).contains("think"));
  request.thinking = ChatThinking::kOff;
  EXPECT_EQ(Body(request)["think"], false);
  request.thinking = ChatThinking::kOn;
  EXPECT_EQ(Body(request)["think"], true);
  request.thinking = ChatThinking::kLow;
  EXPECT_EQ(Body(request)["think"], "low");
  request.thinking = ChatThinking::kMedium;
  EXPECT_EQ(Body(request)["think"], "medium");
  request.thinking = ChatThinking::kHigh;
  EXPECT_EQ(Body(request)["think"], "high");
  request.logprobs = true;
  EXPECT_FALSE(Body(request).contains("top_logprobs"));
  request.top_logprobs = 5;
  EXPECT_EQ(Body(request)["top_logprobs"], 5);
  request.format_json = R"("json")";
  EXPECT_EQ(Body(request)["format"], "json");
}

TEST(ChatRequestBodyTest, OfAnEmbedding) {
  EmbedRequest request{
      .model = "nomic-embed-text", .texts = {"a", "b\n"}, .keep_alive = absl::Minutes(30)};
  EXPECT_EQ(json::parse(MakeEmbedRequestBody(request)), json::parse(R"({
    "model": "nomic-embed-text", "input": ["a", "b\n"], "truncate": false,
    "keep_alive": "1800000ms"})"));
  request.dimensions = 64;
  request.truncate = true;
  request.runtime.num_ctx = 2048;
  const json body = json::parse(MakeEmbedRequestBody(request));
  EXPECT_EQ(body["dimensions"], 64);
  EXPECT_EQ(body["truncate"], true);
  EXPECT_EQ(body["options"]["num_ctx"], 2048);
}

TEST(ChatRequestBodyTest, SendsZerosThatWereAskedFor) {
  ChatRequest request = Hello();
  request.sampling.temperature = 0;
  request.sampling.seed = 0;
  request.keep_alive = absl::ZeroDuration();
  const json body = Body(request);
  EXPECT_EQ(body["options"], json::parse(R"({"temperature": 0.0, "seed": 0})"));
  EXPECT_EQ(body["keep_alive"], "0ms");
}

TEST(ChatRequestBodyTest, EncodesPicturesOfAnyLength) {
  for (const size_t size : {0, 1, 2, 3, 49'151, 49'152, 49'153, 150'000}) {
    std::string picture;
    for (size_t i = 0; i < size; ++i) picture += static_cast<char>(i * 31 + i / 256);
    ChatRequest request = Hello();
    request.messages[0].images = {picture};
    const std::string base64 = Body(request)["messages"][0]["images"][0];
    std::string decoded;
    ASSERT_TRUE(absl::Base64Unescape(absl::string_view(base64.data(), base64.size()), &decoded));
    EXPECT_EQ(base64.size(), (size + 2) / 3 * 4);
    EXPECT_TRUE(decoded == picture) << size;
  }
}

TEST(ChatRequestBodyTest, EscapesTextsAndNames) {
  const std::string text = "\"quoted\" \\ \n \x01 </script> 世界 😀";
  ChatRequest request = Hello();
  request.model = "a\"b";
  request.messages[0].text = text;
  request.sampling.stop = {text};
  const json body = Body(request);
  EXPECT_EQ(body["model"], "a\"b");
  EXPECT_EQ(body["messages"][0]["content"], text);
  EXPECT_EQ(body["options"]["stop"][0], text);
}

TEST(ChatRequestBodyTest, ReplacesBytesThatAreNotUtf8) {
  ChatRequest request = Hello();
  request.messages[0].text =
      "a\xFF"
      "b";
  EXPECT_EQ(Body(request)["messages"][0]["content"], "a\uFFFDb");
}

TEST(ChatRequestBodyTest, IsSizedOnceForAPicture) {
  const std::string picture(3'000'000, 'x');
  ChatRequest request = Hello();
  request.messages[0].images = {picture};
  const std::string body = MakeChatRequestBody(request);
  EXPECT_GE(body.size(), 4'000'000);
  EXPECT_LT(body.capacity(), body.size() + 4'096);
}

}  // namespace
}  // namespace tessera::inference
