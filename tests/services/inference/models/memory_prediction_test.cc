// SPDX-License-Identifier: Apache-2.0
//
// The predictions against what a real engine reported on a GPU (docs/models.md).
#include "services/inference/models/memory_prediction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace tessera::inference {
namespace {

constexpr double kMiB = 1024 * 1024;

MemoryFacts Llama3B(double weights_mib) {
  return {.family = "llama",
          .trained_context_tokens = 131072,
          .layers = 28,
          .embedding_length = 3072,
          .heads = 24,
          .kv_heads = 8,
          .key_length = 128,
          .value_length = 128,
          .vocabulary_size = 128256,
          .text_weight_bytes = static_cast<uint64_t>(weights_mib * kMiB),
          .tied_embedding_bytes = static_cast<uint64_t>(308 * kMiB)};
}

MemoryFacts Qwen3Vl4B(double weights_mib, double embedding_mib) {
  const double vision_mib = 793;
  return {.family = "qwen3vl",
          .trained_context_tokens = 262144,
          .layers = 36,
          .embedding_length = 2560,
          .heads = 32,
          .kv_heads = 8,
          .key_length = 128,
          .value_length = 128,
          .vocabulary_size = 151936,
          .text_weight_bytes = static_cast<uint64_t>((weights_mib - vision_mib) * kMiB),
          .vision_weight_bytes = static_cast<uint64_t>(vision_mib * kMiB),
          .tied_embedding_bytes = static_cast<uint64_t>(embedding_mib * kMiB),
          .vision_in_same_file = true,
          .vision_heads = 16,
          .vision_feed_forward_length = 4096};
}

struct Measured {
  const char* what;
  MemoryFacts facts;
  MemorySetting setting;
  double size_mib;  // /api/ps
  double gpu_mib;   // Growth of used memory as the driver reports it.
};

std::vector<Measured> Rows() {
  const MemoryFacts llama_q8 = Llama3B(3256);
  const MemoryFacts llama_q4 = Llama3B(1918);
  const MemoryFacts qwen_q4 = Qwen3Vl4B(3169, 304);
  const MemoryFacts qwen_q8 = Qwen3Vl4B(4869, 394);
  return {
      {"llama Q8_0 4096", llama_q8, {.context_tokens = 4096}, 3960, 4689},
      {"llama Q8_0 32768", llama_q8, {.context_tokens = 32768}, 8464, 7879},
      {"llama Q8_0 32768, no flash attention",
       llama_q8,
       {.context_tokens = 32768, .flash_attention = false},
       8464,
       9899},
      {"llama Q8_0 32768, q8_0 cache",
       llama_q8,
       {.context_tokens = 32768, .kv_cache = KvCache::kQ8_0},
       6672,
       6327},
      {"llama Q8_0 4096, q8_0 cache",
       llama_q8,
       {.context_tokens = 4096, .kv_cache = KvCache::kQ8_0},
       3736,
       4499},
      {"llama Q8_0 4096, no flash attention",
       llama_q8,
       {.context_tokens = 4096, .flash_attention = false},
       3960,
       4723},
      {"llama Q4_K_M 4096, no flash attention",
       llama_q4,
       {.context_tokens = 4096, .flash_attention = false},
       2623,
       3387},
      {"llama Q4_K_M 4096, q8_0 cache",
       llama_q4,
       {.context_tokens = 4096, .kv_cache = KvCache::kQ8_0},
       2399,
       3163},
      {"llama Q4_K_M 32768, q8_0 cache",
       llama_q4,
       {.context_tokens = 32768, .kv_cache = KvCache::kQ8_0},
       5334,
       4995},
      {"llama Q8_0, four slots", llama_q8, {.context_tokens = 4096, .slots = 4}, 5872, 0},
      {"llama Q4_K_M 4096", llama_q4, {.context_tokens = 4096}, 2623, 3353},
      {"llama Q4_K_M 32768", llama_q4, {.context_tokens = 32768}, 7126, 6543},
      {"qwen Q4_K_M 4096", qwen_q4, {.context_tokens = 4096}, 4541, 4867},
      {"qwen Q4_K_M 32768", qwen_q4, {.context_tokens = 32768}, 8743, 9067},
      {"qwen Q4_K_M 4096, no flash attention",
       qwen_q4,
       {.context_tokens = 4096, .flash_attention = false},
       8877,
       9205},
      {"qwen Q4_K_M 32768, no flash attention",
       qwen_q4,
       {.context_tokens = 32768, .flash_attention = false},
       20708,
       21031},
      {"qwen Q4_K_M 4096, q8_0 cache",
       qwen_q4,
       {.context_tokens = 4096, .kv_cache = KvCache::kQ8_0},
       4277,
       4729},
      {"qwen Q4_K_M 32768, q8_0 cache",
       qwen_q4,
       {.context_tokens = 32768, .kv_cache = KvCache::kQ8_0},
       6701,
       7169},
      {"qwen Q8_0 4096", qwen_q8, {.context_tokens = 4096}, 6331, 6567},
      {"qwen Q8_0 32768", qwen_q8, {.context_tokens = 32768}, 10533, 10767},
  };
}

TEST(MemoryPredictionTest, IsWithinTwoPercentOfWhatTheEngineReported) {
  for (const Measured& row : Rows()) {
    const double predicted = PredictMemory(row.facts, row.setting).engine_count / kMiB;
    EXPECT_LT(std::abs(predicted / row.size_mib - 1), 0.02)
        << row.what << ": predicted " << predicted << ", reported " << row.size_mib;
  }
}

TEST(MemoryPredictionTest, IsWithinTwoPercentOfWhatTheDriverCounted) {
  for (const Measured& row : Rows()) {
    if (row.gpu_mib == 0) continue;
    const double predicted = PredictMemory(row.facts, row.setting).gpu / kMiB;
    EXPECT_LT(std::abs(predicted / row.gpu_mib - 1), 0.02)
        << row.what << ": predicted " << predicted << ", counted " << row.gpu_mib;
  }
}

TEST(MemoryPredictionTest, KeysAndValuesAreExact) {
  const MemoryFacts llama = Llama3B(3256);
  EXPECT_EQ(PredictMemory(llama, {.context_tokens = 4096}).kv_cache, 448 * kMiB);
  EXPECT_EQ(PredictMemory(llama, {.context_tokens = 32768}).kv_cache, 3584 * kMiB);
  EXPECT_EQ(PredictMemory(llama, {.context_tokens = 32768, .kv_cache = KvCache::kQ8_0}).kv_cache,
            1904 * kMiB);
  EXPECT_EQ(PredictMemory(llama, {.context_tokens = 4096, .slots = 4}).kv_cache, 4 * 448 * kMiB);
}

TEST(MemoryPredictionTest, ThePartsAddUp) {
  for (const Measured& row : Rows()) {
    const PredictedMemory memory = PredictMemory(row.facts, row.setting);
    EXPECT_EQ(memory.gpu, memory.text_weights + memory.vision_weights + memory.kv_cache +
                              memory.compute + memory.driver)
        << row.what;
  }
}

TEST(MemoryPredictionTest, FindsTheLargestContextThatFits) {
  const MemoryFacts llama = Llama3B(3256);
  const auto budget = static_cast<uint64_t>(8192 * kMiB);
  const uint32_t largest = LargestContext(llama, {}, budget);
  EXPECT_EQ(largest % 256, 0);
  EXPECT_LE(PredictMemory(llama, {.context_tokens = largest}).gpu, budget);
  EXPECT_GT(PredictMemory(llama, {.context_tokens = largest + 256}).gpu, budget);
}

TEST(MemoryPredictionTest, NoContextFitsWhereTheWeightsDoNot) {
  EXPECT_EQ(LargestContext(Llama3B(3256), {}, static_cast<uint64_t>(3000 * kMiB)), 0);
}

TEST(MemoryPredictionTest, NeverAsksForMoreThanTheModelWasTrainedFor) {
  EXPECT_EQ(LargestContext(Llama3B(3256), {}, uint64_t{1} << 45), 131072);
}

TEST(MemoryPredictionTest, KnowsWhichFamiliesAnswerOneAtATime) {
  EXPECT_TRUE(OneSlotOnly(Qwen3Vl4B(3169, 304)));
  EXPECT_FALSE(OneSlotOnly(Llama3B(3256)));
}

TEST(MemoryPredictionTest, CannotPredictWithoutDimensions) {
  EXPECT_TRUE(CanPredict(Llama3B(3256)));
  EXPECT_FALSE(CanPredict({.family = "mystery", .text_weight_bytes = 5}));
}

}  // namespace
}  // namespace tessera::inference
