// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/memory_prediction.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tessera::inference {
namespace {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;
// Tokens that the engine computes at once.
constexpr uint64_t kBatch = 512;
// Patches of the largest picture that the engine lets through.
constexpr uint64_t kPatches = 8192;
constexpr uint64_t kDriverLlamaRunner = 729 * kMiB;
constexpr uint64_t kDriverOwnEngine = 670 * kMiB;
// A quantised cache makes the own runner's first batch take this much more.
constexpr uint64_t kOwnRunnerQuantisedCache = 128 * kMiB;
// Part of the graph that the engine's own runner keeps in host memory but counts as the GPU's.
constexpr uint64_t kHostGraph = 40 * kMiB;
constexpr uint32_t kContextStep = 256;

constexpr std::array<std::string_view, 9> kOneSlotFamilies = {
    "qwen3vl", "qwen3vlmoe", "qwen35",  "qwen35moe", "qwen3next",
    "mllama",  "lfm2",       "lfm2moe", "nemotron_h"};

// Half precision is two bytes; the quantised types store a scale for each 32 numbers.
uint64_t KvBytes(uint64_t numbers, KvCache type) {
  switch (type) {
    case KvCache::kF16:
      return numbers * 2;
    case KvCache::kQ8_0:
      return numbers * 34 / 32;
    case KvCache::kQ4_0:
      return numbers * 18 / 32;
  }
  return numbers * 2;
}

// The engine's estimate for models that its llama.cpp runner carries leaves the scales out.
uint64_t EstimatedKvBytes(uint64_t numbers, KvCache type) {
  switch (type) {
    case KvCache::kF16:
      return numbers * 2;
    case KvCache::kQ8_0:
      return numbers;
    case KvCache::kQ4_0:
      return numbers / 2;
  }
  return numbers * 2;
}

// All queries against all keys, as floats: what flash attention avoids.
uint64_t AttentionScores(uint64_t queries, uint64_t keys, uint64_t heads) {
  return queries * keys * heads * 4;
}

// Flash attention reads half-precision numbers: those of one layer are unpacked before.
uint64_t UnpackedLayer(const MemoryFacts& facts, uint64_t context, KvCache type) {
  if (type == KvCache::kF16) return 0;
  return context * facts.kv_heads * (uint64_t{facts.key_length} + facts.value_length) * 2;
}

// Ollama's own runner: picture and text graphs share one buffer, the larger one decides.
uint64_t OwnRunnerCompute(const MemoryFacts& facts, uint64_t context, const MemorySetting& setting,
                          bool on_gpu) {
  const uint64_t query_row = uint64_t{facts.heads} * facts.key_length * kBatch * 4;
  const double rows = on_gpu ? 53.5 : 39.7;
  const double per_token = on_gpu ? 6.07 * kKiB : 4.3 * kKiB;
  uint64_t text = static_cast<uint64_t>(rows * static_cast<double>(query_row) +
                                        per_token * static_cast<double>(context));
  if (on_gpu) text += UnpackedLayer(facts, context, setting.kv_cache);
  uint64_t vision = facts.vision_heads == 0
                        ? 0
                        : kPatches * 4 * (977 + uint64_t{facts.vision_feed_forward_length});
  if (!setting.flash_attention) {
    text += AttentionScores(kBatch, context, facts.heads) * 585 / 100;
    vision = AttentionScores(kPatches, kPatches, facts.vision_heads) * 1175 / 1000;
  }
  return std::max(text, vision);
}

// Scores and logits are not needed at the same time.
uint64_t LlamaCompute(const MemoryFacts& facts, uint64_t context, const MemorySetting& setting) {
  const uint64_t logits = kBatch * 4 * facts.vocabulary_size;
  const uint64_t mask = kBatch * 4 * context;
  if (setting.flash_attention) {
    return logits + mask + UnpackedLayer(facts, context, setting.kv_cache);
  }
  return mask + std::max(logits, AttentionScores(kBatch, context, facts.heads) * 3 / 2);
}

// What Ollama up to 0.24 assumes for the llama family before it loads.
uint64_t EstimatedLlamaCompute(const MemoryFacts& facts, uint64_t context) {
  const uint64_t width = facts.embedding_length;
  return std::max(kBatch * 4 * (1 + 4 * width + context * (1 + facts.heads)),
                  kBatch * 4 * (width + facts.vocabulary_size));
}

bool UsesOwnRunner(const MemoryFacts& facts, const MemorySetting& setting) {
  return !setting.llama_server && facts.vision_in_same_file;
}

}  // namespace

bool CanPredict(const MemoryFacts& facts) {
  return facts.layers > 0 && facts.heads > 0 && facts.kv_heads > 0 && facts.key_length > 0 &&
         facts.value_length > 0 && facts.text_weight_bytes > 0;
}

PredictedMemory PredictMemory(const MemoryFacts& facts, const MemorySetting& setting) {
  const uint64_t context = uint64_t{setting.context_tokens} * setting.slots;
  const uint64_t kv_numbers = facts.KvNumbersPerToken() * context;
  PredictedMemory memory;
  memory.text_weights = facts.text_weight_bytes;
  memory.vision_weights = facts.vision_weight_bytes;
  memory.kv_cache = KvBytes(kv_numbers, setting.kv_cache);
  const uint64_t tensors = memory.text_weights + memory.vision_weights;
  if (UsesOwnRunner(facts, setting)) {
    memory.compute = OwnRunnerCompute(facts, context, setting, true);
    memory.driver = kDriverOwnEngine;
    if (setting.kv_cache != KvCache::kF16) {
      // Memory that its graph does not tell of, so the engine does not count it either.
      memory.driver += kOwnRunnerQuantisedCache;
    }
    memory.engine_count =
        tensors + memory.kv_cache + memory.compute + facts.tied_embedding_bytes + kHostGraph;
    memory.engine_count_cpu = tensors + facts.tied_embedding_bytes + memory.kv_cache +
                              OwnRunnerCompute(facts, context, setting, false);
  } else {
    memory.compute = LlamaCompute(facts, context, setting);
    memory.driver = kDriverLlamaRunner;
    if (setting.llama_server) {
      memory.engine_count = memory.text_weights + memory.kv_cache + memory.compute;
      memory.engine_count_cpu = memory.engine_count;
    } else {
      const uint64_t kv_estimate = EstimatedKvBytes(kv_numbers, setting.kv_cache);
      memory.engine_count = tensors + kv_estimate + EstimatedLlamaCompute(facts, context);
      memory.engine_count_cpu = tensors + kv_estimate;
    }
  }
  memory.gpu = tensors + memory.kv_cache + memory.compute + memory.driver;
  return memory;
}

uint32_t LargestContext(const MemoryFacts& facts, MemorySetting setting, uint64_t budget_bytes) {
  const auto fits = [&](uint32_t steps) {
    setting.context_tokens = steps * kContextStep;
    return PredictMemory(facts, setting).gpu <= budget_bytes;
  };
  uint32_t low = 0;
  uint32_t high = std::max(facts.trained_context_tokens, kContextStep) / kContextStep;
  if (!fits(1)) return 0;
  // Memory grows with the context.
  while (low < high) {
    const uint32_t middle = low + (high - low + 1) / 2;
    if (fits(middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low * kContextStep;
}

bool OneSlotOnly(const MemoryFacts& facts) {
  return std::find(kOneSlotFamilies.begin(), kOneSlotFamilies.end(), facts.family) !=
         kOneSlotFamilies.end();
}

bool ComputeWasMeasured(const MemoryFacts& facts) {
  return facts.family == "qwen3vl" || facts.family == "llama";
}

}  // namespace tessera::inference
