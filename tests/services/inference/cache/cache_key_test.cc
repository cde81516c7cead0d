// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/cache_key.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace tessera::inference {
namespace {

ChatRequest Hello() {
  ChatRequest request;
  request.model = "talking";
  request.messages = {{.role = ChatRole::kUser, .text = "hello", .images = {"jpeg"}}};
  return request;
}

EmbedRequest Vectors() {
  EmbedRequest request;
  request.model = "vectors";
  request.texts = {"a", "b"};
  return request;
}

TEST(CacheKeyTest, IsTheSameForTheSameQuestion) {
  EXPECT_EQ(KeyOf("digest", Hello(), ""), KeyOf("digest", Hello(), ""));
  EXPECT_EQ(KeyOf("digest", Hello(), "").Hex().size(), 64);
}

TEST(CacheKeyTest, DoesNotDependOnWhatTheModelDoesNotSee) {
  const CacheKey key = KeyOf("digest", Hello(), "");
  ChatRequest request = Hello();
  request.model = "another-name-of-the-same-weights";
  request.keep_alive = absl::Hours(3);
  request.deadline = absl::FromUnixSeconds(1);
  request.encoded = std::make_shared<const std::string>("body");
  EXPECT_EQ(KeyOf("digest", request, ""), key);
}

TEST(CacheKeyTest, DiffersWithEverythingThatReachesTheModel) {
  std::set<std::string> keys = {KeyOf("digest", Hello(), "").Hex(),
                                KeyOf("other digest", Hello(), "").Hex(),
                                KeyOf("digest", Hello(), "repair").Hex()};
  const std::vector<std::function<void(ChatRequest&)>> changes = {
      [](auto& r) { r.messages[0].text = "hello "; },
      [](auto& r) { r.messages[0].role = ChatRole::kSystem; },
      [](auto& r) { r.messages[0].thinking = "hm"; },
      [](auto& r) { r.messages[0].images = {"jpeh"}; },
      [](auto& r) {
        r.messages[0].images = {"jp", "eg"};
      },
      [](auto& r) { r.messages[0].tool_name = "t"; },
      [](auto& r) { r.messages[0].tool_calls = {{.name = "t", .arguments_json = "{}"}}; },
      [](auto& r) { r.messages.push_back({.role = ChatRole::kUser, .text = ""}); },
      [](auto& r) { r.format_json = "\"json\""; },
      [](auto& r) { r.tools = {{.name = "t"}}; },
      [](auto& r) { r.thinking = ChatThinking::kOff; },
      [](auto& r) { r.logprobs = true; },
      [](auto& r) { r.top_logprobs = 1; },
      [](auto& r) { r.runtime.num_ctx = 8192; },
      [](auto& r) { r.runtime.num_batch = 8192; },
      [](auto& r) { r.sampling.temperature = 0; },
      [](auto& r) { r.sampling.max_output_tokens = 5; },
      [](auto& r) { r.sampling.top_k = 5; },
      [](auto& r) { r.sampling.seed = 5; },
      [](auto& r) { r.sampling.num_keep = 5; },
      [](auto& r) {
        r.sampling.stop = {"a", "b"};
      },
      [](auto& r) { r.sampling.stop = {"ab"}; },
  };
  for (const auto& change : changes) {
    ChatRequest request = Hello();
    change(request);
    EXPECT_TRUE(keys.insert(KeyOf("digest", request, "").Hex()).second) << keys.size();
  }
}

TEST(CacheKeyTest, VectorsHaveKeysOfTheirOwn) {
  std::set<std::string> keys = {KeyOf("digest", Vectors()).Hex()};
  const std::vector<std::function<void(EmbedRequest&)>> changes = {
      [](auto& r) { r.texts = {"ab"}; },        [](auto& r) { r.texts = {"b", "a"}; },
      [](auto& r) { r.dimensions = 8; },        [](auto& r) { r.truncate = true; },
      [](auto& r) { r.runtime.num_ctx = 512; },
  };
  for (const auto& change : changes) {
    EmbedRequest request = Vectors();
    change(request);
    EXPECT_TRUE(keys.insert(KeyOf("digest", request).Hex()).second) << keys.size();
  }
}

}  // namespace
}  // namespace tessera::inference
