// SPDX-License-Identifier: Apache-2.0
//
// What of a model decides how much memory it takes.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MEMORY_FACTS_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MEMORY_FACTS_H_

#include <cstdint>
#include <string>

namespace tessera::inference {

// From the metadata and the tensor list of a model's file. 0: the file does not say.
struct MemoryFacts {
  std::string family;  // "llama", "qwen3vl" ...
  uint32_t trained_context_tokens = 0;
  uint32_t model_context_tokens = 0;  // PARAMETER num_ctx
  uint32_t layers = 0;
  uint32_t embedding_length = 0;
  uint32_t heads = 0;
  uint32_t kv_heads = 0;
  uint32_t key_length = 0;
  uint32_t value_length = 0;
  uint32_t vocabulary_size = 0;
  uint64_t text_weight_bytes = 0;
  uint64_t vision_weight_bytes = 0;
  // The table that turns tokens into vectors, when it also serves as the last layer: engines then
  // keep it twice, once in host memory.
  uint64_t tied_embedding_bytes = 0;
  bool vision_in_same_file = false;
  uint32_t vision_heads = 0;
  uint32_t vision_feed_forward_length = 0;

  // Numbers of keys and values per token of context.
  uint64_t KvNumbersPerToken() const {
    return uint64_t{layers} * kv_heads * (uint64_t{key_length} + value_length);
  }
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MEMORY_FACTS_H_
