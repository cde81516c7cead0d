// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/model_replies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using ::tessera::testing::IsError;
using ::testing::ElementsAre;

constexpr char kShow[] = R"({
  "modelfile": "FROM x\nPARAMETER num_ctx 4096\n",
  "parameters": "num_ctx                        4096\nstop                           \"<|im_end|>\"\ntemperature                    0",
  "template": "{{ .Prompt }}",
  "details": {"format": "gguf", "family": "qwen3vl", "parameter_size": "34.07M",
              "quantization_level": "Q8_0"},
  "model_info": {"general.architecture": "qwen3vl", "general.parameter_count": 34073856,
    "qwen3vl.attention.head_count": 2, "qwen3vl.attention.head_count_kv": 1,
    "qwen3vl.attention.key_length": 128, "qwen3vl.attention.value_length": 128,
    "qwen3vl.block_count": 5, "qwen3vl.context_length": 8192, "qwen3vl.embedding_length": 192,
    "qwen3vl.vision.attention.head_count": 3, "tokenizer.ggml.tokens": null},
  "tensors": [
    {"name": "token_embd.weight", "type": "Q4_0", "shape": [192, 151656]},
    {"name": "output.weight", "type": "Q8_0", "shape": [192, 1024]},
    {"name": "blk.0.attn_norm.weight", "type": "F32", "shape": [192]},
    {"name": "v.blk.0.mlp.linear_fc1.weight", "type": "Q8_0", "shape": [192, 640]},
    {"name": "v.patch_embed.weight", "type": "F16", "shape": [16, 16, 2, 576]}],
  "capabilities": ["completion", "vision"],
  "modified_at": "2026-01-02T03:04:05.678Z"})";

TEST(ModelRepliesTest, ReadsADescription) {
  const auto read = ReadModelDescription(kShow, 22'000'000);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->shown.quantization(), "Q8_0");
  EXPECT_EQ(read->shown.parameter_count(), 34073856);
  EXPECT_THAT(read->shown.capabilities(), ElementsAre("completion", "vision"));
  ASSERT_EQ(read->shown.parameters_size(), 3);
  EXPECT_EQ(read->shown.parameters(1).name(), "stop");
  EXPECT_EQ(read->shown.parameters(1).value(), "<|im_end|>");
  EXPECT_EQ(read->shown.modified_at().seconds(), 1767323045);
  EXPECT_EQ(read->shown.modified_at().nanos(), 678'000'000);
}

TEST(ModelRepliesTest, AddsUpTheWeights) {
  const auto read = ReadModelDescription(kShow, 22'000'000);
  ASSERT_TRUE(read.ok()) << read.status();
  const MemoryFacts& facts = read->facts;
  EXPECT_EQ(facts.text_weight_bytes, 192 * 151656 / 32 * 18 + 192 * 1024 / 32 * 34 + 192 * 4);
  EXPECT_EQ(facts.vision_weight_bytes, 192 * 640 / 32 * 34 + 16 * 16 * 2 * 576 * 2);
  EXPECT_TRUE(facts.vision_in_same_file);
  EXPECT_EQ(facts.tied_embedding_bytes, 0) << "it has an output layer of its own";
  EXPECT_EQ(facts.KvNumbersPerToken(), 5 * 256);
  EXPECT_EQ(facts.model_context_tokens, 4096);
  EXPECT_EQ(facts.trained_context_tokens, 8192);
  EXPECT_EQ(facts.vision_heads, 3);
  EXPECT_EQ(facts.vision_feed_forward_length, 640);
  EXPECT_EQ(facts.vocabulary_size, 151656);
}

TEST(ModelRepliesTest, FillsInWhatOlderFilesLeaveOut) {
  const auto read = ReadModelDescription(
      R"({"model_info": {"general.architecture": "llama", "llama.block_count": 28,
          "llama.embedding_length": 3072, "llama.attention.head_count": 24,
          "llama.attention.head_count_kv": [8, 8, 8]},
          "projector_info": {"general.architecture": "clip"},
          "tensors": [{"name": "token_embd.weight", "type": "Q8_0", "shape": [3072, 128256]}]})",
      1'000'000'000);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->facts.key_length, 128);
  EXPECT_EQ(read->facts.value_length, 128);
  EXPECT_EQ(read->facts.kv_heads, 8);
  EXPECT_EQ(read->facts.tied_embedding_bytes, read->facts.text_weight_bytes);
  EXPECT_EQ(read->facts.vision_weight_bytes, 1'000'000'000 - read->facts.text_weight_bytes)
      << "the projector is a file of its own";
}

TEST(ModelRepliesTest, RefusesWhatIsNoDescription) {
  EXPECT_THAT(ReadModelDescription("[]", 0),
              IsError(absl::StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
  EXPECT_THAT(ReadModelDescription("<html>", 0),
              IsError(absl::StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
  EXPECT_TRUE(ReadModelDescription("{}", 0).ok());
}

TEST(ModelRepliesTest, ReadsWhatIsRunning) {
  const auto running = ReadRunningModels(R"({"models": [
      {"name": "a:latest", "digest": "11", "size": 1000, "size_vram": 750,
       "context_length": 4096, "expires_at": "2026-01-02T03:04:05Z"},
      {"name": "b:latest", "size": 1000, "size_vram": 1200,
       "expires_at": "2319-03-11T21:33:36Z"},
      {"name": "c:latest", "size": 0, "size_vram": 0}]})");
  ASSERT_TRUE(running.ok()) << running.status();
  ASSERT_EQ(running->size(), 3);
  EXPECT_EQ((*running)[0].name(), "a:latest");
  EXPECT_DOUBLE_EQ((*running)[0].cpu_offload_ratio(), 0.25);
  EXPECT_EQ((*running)[0].context_tokens(), 4096);
  EXPECT_TRUE((*running)[0].has_expires_at());
  EXPECT_DOUBLE_EQ((*running)[1].cpu_offload_ratio(), 0) << "more on the GPU than in all";
  EXPECT_FALSE((*running)[1].has_expires_at()) << "for ever";
  EXPECT_DOUBLE_EQ((*running)[2].cpu_offload_ratio(), 0);
  EXPECT_TRUE(ReadRunningModels(R"({"models":null})")->empty());
  EXPECT_FALSE(ReadRunningModels("oops").ok());
}

TEST(ModelRepliesTest, ReadsHowLongLoadingTook) {
  EXPECT_EQ(ReadLoadDuration(R"({"load_duration": 1500000000})"), absl::Seconds(1.5));
  EXPECT_EQ(ReadLoadDuration("{}"), absl::ZeroDuration());
  EXPECT_EQ(ReadLoadDuration("oops"), absl::ZeroDuration());
}

}  // namespace
}  // namespace tessera::inference
