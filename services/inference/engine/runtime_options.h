// SPDX-License-Identifier: Apache-2.0
//
// Options that belong to a loaded model, not to a request: another value makes the engine load the
// model again, for everybody. A model's profile in the configuration sets them.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_RUNTIME_OPTIONS_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_RUNTIME_OPTIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::inference {

// Unset: the engine's own default.
struct RuntimeOptions {
  std::optional<uint32_t> num_ctx;     // Context, tokens: [512, 1048576].
  std::optional<uint32_t> num_batch;   // Prompt tokens read at once: [1, 65536].
  std::optional<uint32_t> num_gpu;     // Layers on the GPU: [0, 10000].
  std::optional<uint32_t> main_gpu;    // [0, 63]
  std::optional<bool> use_mmap;        // Map the weights instead of reading them.
  std::optional<uint32_t> num_thread;  // [1, 1024]

  friend bool operator==(const RuntimeOptions&, const RuntimeOptions&) = default;
};

// The ranges above. INVALID_ARGUMENT, reason FIELD_INVALID, naming "<field>.num_ctx" and so on.
absl::Status CheckRuntimeOptions(std::string_view field, const RuntimeOptions& options);

// `over` where it says something, else `under`.
RuntimeOptions Merge(const RuntimeOptions& over, const RuntimeOptions& under);

// The options of each model that the configuration knows.
class ModelProfiles {
 public:
  ModelProfiles() = default;

  // Reads entries such as "qwen3-vl:4b,num_ctx=8192,use_mmap=false". FIELD_INVALID, naming `flag`,
  // for an option that does not exist, a value out of range, or a model named twice.
  static absl::StatusOr<ModelProfiles> Parse(std::string_view flag,
                                             const std::vector<std::string>& entries);

  // Of the model, with or without ":latest"; nothing set when there is no profile.
  RuntimeOptions Of(std::string_view model) const;

 private:
  std::map<std::string, RuntimeOptions, std::less<>> of_model_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_RUNTIME_OPTIONS_H_
