// SPDX-License-Identifier: Apache-2.0
//
// What the engine has: its version, its models and what they can do, as last seen.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_CATALOG_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_CATALOG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"

namespace tessera::inference {

struct ModelFacts {
  std::string name;                       // With tag: "qwen3-vl:4b".
  std::string digest;                     // 64 hexadecimal digits.
  std::string family;                     // "qwen3vl", "llama" ...
  std::vector<std::string> capabilities;  // "completion", "vision", "tools" ...
  bool capabilities_known = false;        // False until the engine has told them.
  uint64_t size_bytes = 0;

  bool Can(std::string_view capability) const;
};

// A model in the engine's memory.
struct LoadedModel {
  std::string name;
  uint64_t size_bytes = 0;       // Everything it occupies.
  uint64_t size_vram_bytes = 0;  // Of that, on the GPU.
  uint32_t context_tokens = 0;   // Context of one slot.
};

// One look at the engine. Immutable.
struct EngineSnapshot {
  bool reachable = false;
  std::string version;                       // "0.17.4"; empty before the first contact.
  std::map<std::string, ModelFacts> models;  // By full name.
  std::vector<LoadedModel> loaded;

  // Finds "name" or "name:latest"; nullptr when the engine had no such model at the last look.
  const ModelFacts* Find(std::string_view name) const;
  // The same among the models in its memory.
  const LoadedModel* FindLoaded(std::string_view name) const;

  // Version as a number pair, {0, 17}; nullopt when it cannot be read.
  std::optional<std::pair<int, int>> VersionNumber() const;
  // Ollama >= 0.12.11 reports token probabilities. An unreadable version counts as older.
  bool ReportsLogprobs() const;
  // Ollama >= 0.30 runs llama-server, where a picture costs at least 1,024 tokens.
  bool RunsLlamaServer() const;
};

// Holds the latest snapshot. Thread-safe.
class ModelCatalog {
 public:
  ModelCatalog();
  std::shared_ptr<const EngineSnapshot> Latest() const;
  void Replace(EngineSnapshot snapshot);

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const EngineSnapshot> latest_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_CATALOG_H_
