// SPDX-License-Identifier: Apache-2.0
//
// What a simulated model is and how fast it is.
#ifndef TESSERA_SIMULATOR_MODEL_SPEC_H_
#define TESSERA_SIMULATOR_MODEL_SPEC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace tessera::simulator {

// Which Ollama is imitated where the two differ: the picture token rule, silent loss of pictures.
enum class EngineGeneration {
  kCurrent,  // 0.30 and later: a llama-server process per model
  kLegacy,   // 0.12.7 to 0.24: engine in process
};

struct ModelSpec {
  std::string name;  // as in "qwen3-vl:4b"; without a tag ":latest" is meant
  // "completion", "vision", "tools", "thinking", "embedding", "insert".
  std::vector<std::string> capabilities = {"completion"};
  // Identity of the weights. Two names with the same weights share one runner. Empty: from name.
  std::string weights;
  std::string family = "llama";
  std::string parameter_size = "3.2B";
  std::string quantization = "Q8_0";
  std::string parent_model;
  std::string system;
  std::string renderer;  // with a renderer, Ollama itself renders the prompt
  int64_t parameter_count = 3'212'749'888;
  int64_t size_bytes = 3'400'000'000;
  // What /api/ps reports. Defaults: size_bytes for both, everything on the GPU.
  std::optional<int64_t> loaded_size_bytes;
  std::optional<int64_t> loaded_vram_bytes;
  int trained_context = 131'072;
  int embedding_length = 3072;
  std::optional<int> num_ctx;  // PARAMETER num_ctx
  // Requests that the model serves at once; Ollama forces 1 on the qwen3-vl family.
  int parallel = 1;

  absl::Duration load_time = absl::ZeroDuration();
  // What each request takes before it waits for a slot though the model is loaded: Ollama reads the
  // file's metadata again. Any number of requests do so at once. Counts as load.
  absl::Duration metadata_time = absl::ZeroDuration();
  double prefill_tokens_per_second = 0;  // 0: no time
  double decode_tokens_per_second = 0;   // 0: no time
  int default_answer_tokens = 16;
  // A disconnect during the prompt phase frees the slot only when that phase would have ended.
  bool finishes_prefill_after_cancel = false;
  // The parser expects a thought first, even where the request says think:false.
  bool always_thinks = false;
  // Non-empty: every load fails with this text.
  std::string load_error;

  bool Can(std::string_view capability) const;
};

// The models of a usual deployment: "qwen3-vl:4b" (pictures, one at a time), "llama3.2-custom"
// (text, tools), "tessera-mini" (pictures), "qwen3:4b" (thinks), "tessera-embed" (embeddings).
std::vector<ModelSpec> DefaultModels();

// "name" -> "name:latest", lower case, without the default registry and namespace.
std::string CanonicalName(std::string_view name);
// "registry.ollama.ai/library/name:tag", as some errors print it.
std::string FullName(std::string_view name);
// 64 hex digits that depend on `text` only.
std::string DigestOf(std::string_view text);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_MODEL_SPEC_H_
