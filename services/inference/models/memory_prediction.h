// SPDX-License-Identifier: Apache-2.0
//
// How much memory a model will take, from its dimensions alone.
//
// Weights and keys/values are exact. The memory of one step's computation is by rules fitted to
// measurements (docs/models.md): llama and qwen3vl on Ollama 0.17.4, an NVIDIA GPU.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MEMORY_PREDICTION_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MEMORY_PREDICTION_H_

#include <cstdint>

#include "services/inference/models/memory_facts.h"

namespace tessera::inference {

enum class KvCache { kF16, kQ8_0, kQ4_0 };

struct MemorySetting {
  uint32_t context_tokens = 4096;  // Of one slot.
  uint32_t slots = 1;
  KvCache kv_cache = KvCache::kF16;
  bool flash_attention = true;
  // The engine starts llama-server for each model (Ollama >= 0.30): it counts differently.
  bool llama_server = false;
};

// In bytes.
struct PredictedMemory {
  uint64_t text_weights = 0;
  uint64_t vision_weights = 0;
  uint64_t kv_cache = 0;
  uint64_t compute = 0;
  uint64_t driver = 0;            // Context and libraries of the GPU's driver.
  uint64_t gpu = 0;               // Sum of the above.
  uint64_t engine_count = 0;      // What /api/ps will show as size with everything on the GPU.
  uint64_t engine_count_cpu = 0;  // The same on a machine without a GPU.
};

// False when the file does not tell the dimensions that the prediction needs.
bool CanPredict(const MemoryFacts& facts);

PredictedMemory PredictMemory(const MemoryFacts& facts, const MemorySetting& setting);

// Largest context, a multiple of 256 and at most what the model was trained for, with which the
// model takes at most `budget_bytes` of GPU memory; 0: none. Other fields as in `setting`.
uint32_t LargestContext(const MemoryFacts& facts, MemorySetting setting, uint64_t budget_bytes);

// The engine answers this family one request at a time, whatever it is told.
bool OneSlotOnly(const MemoryFacts& facts);

// The rule for the family's compute memory was fitted to measurements of that very family.
bool ComputeWasMeasured(const MemoryFacts& facts);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MEMORY_PREDICTION_H_
