// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/engine_replies.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::IsError;
using testing::IsOk;

TEST(EngineRepliesTest, ReadsTheVersion) {
  EXPECT_EQ(*ReadVersion(R"({"version":"0.17.4"})"), "0.17.4");
}

TEST(EngineRepliesTest, ReadsModels) {
  const auto models = ReadTags(R"({"models":[
      {"name":"qwen3-vl:4b","model":"qwen3-vl:4b","modified_at":"2026-11-22T23:53:04Z","size":3295620000,
       "digest":"0123456789abcdef","details":{"parent_model":"","format":"gguf","family":"qwen3vl",
       "families":["qwen3vl"],"parameter_size":"4.4B","quantization_level":"Q4_K_M"},
       "capabilities":["completion","vision"]},
      {"name":"old:latest"},
      {"digest":"a model without a name is no model"}, 7]})");
  ASSERT_THAT(models, IsOk());
  ASSERT_EQ(models->size(), 2);
  const ModelFacts& qwen = (*models)[0];
  EXPECT_EQ(qwen.name, "qwen3-vl:4b");
  EXPECT_EQ(qwen.digest, "0123456789abcdef");
  EXPECT_EQ(qwen.family, "qwen3vl");
  EXPECT_EQ(qwen.size_bytes, 3295620000);
  EXPECT_TRUE(qwen.Can("vision"));
  EXPECT_FALSE(qwen.Can("tools"));
  EXPECT_TRUE(qwen.capabilities_known);
  const ModelFacts& old = (*models)[1];
  EXPECT_EQ(old.name, "old:latest");
  EXPECT_EQ(old.family, "");
  EXPECT_FALSE(old.capabilities_known);
}

TEST(EngineRepliesTest, AnEmptyListMayBeNull) {
  for (const char* text : {R"({"models":[]})", R"({"models":null})"}) {
    EXPECT_TRUE(ReadTags(text)->empty());
    EXPECT_TRUE(ReadLoaded(text)->empty());
  }
}

TEST(EngineRepliesTest, ReadsLoadedModels) {
  const auto loaded = ReadLoaded(R"({"models":[{"name":"m:q8","model":"m:q8","size":2000,
      "size_vram":1500,"context_length":4096,"expires_at":"2026-11-22T23:53:04Z"},
      {"name":"cpu"},{"name":"odd","size":-1,"size_vram":"x"}]})");
  ASSERT_THAT(loaded, IsOk());
  ASSERT_EQ(loaded->size(), 3);
  EXPECT_EQ((*loaded)[0].name, "m:q8");
  EXPECT_EQ((*loaded)[0].size_bytes, 2000);
  EXPECT_EQ((*loaded)[0].size_vram_bytes, 1500);
  EXPECT_EQ((*loaded)[0].context_tokens, 4096);
  EXPECT_EQ((*loaded)[1].size_vram_bytes, 0);
  EXPECT_EQ((*loaded)[2].size_bytes, 0);
}

TEST(EngineRepliesTest, ReadsCapabilities) {
  EXPECT_EQ(*ReadCapabilities(R"({"capabilities":["completion","vision",7],"modelfile":"FROM x"})"),
            std::vector<std::string>({"completion", "vision"}));
  EXPECT_TRUE(ReadCapabilities(R"({"modelfile":"FROM x"})")->empty());
}

TEST(EngineRepliesTest, RefusesWhatIsNoReply) {
  for (const char* text : {"", "<html>", "{", "7"}) {
    EXPECT_THAT(ReadVersion(text), IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID")) << text;
    EXPECT_THAT(ReadTags(text), IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID")) << text;
    EXPECT_THAT(ReadLoaded(text), IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID")) << text;
  }
  for (const char* text : {"", "<html>", "{"}) {
    EXPECT_THAT(ReadCapabilities(text), IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
  }
  EXPECT_THAT(ReadVersion(R"({"version":7})"),
              IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
  EXPECT_THAT(ReadTags(R"({"models":{}})"), IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
}

}  // namespace
}  // namespace tessera::inference
