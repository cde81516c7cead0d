// SPDX-License-Identifier: Apache-2.0
//
// Which models an engine holds in memory, as far as that can be asked for.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_MEMORY_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_MEMORY_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/inference/engine/runtime_options.h"

namespace tessera::inference {

// Thread-safe.
class ModelMemory {
 public:
  // Called once, on the engine's I/O thread or before the function returns; must not block.
  using Done = std::function<void(const absl::Status&)>;

  virtual ~ModelMemory() = default;
  // Loads the model, if it is not loaded with these options already, and has it kept for
  // `keep_alive` from the end of its last use. Done within `timeout`.
  virtual void Load(const std::string& model, const RuntimeOptions& options, bool embeds,
                    absl::Duration keep_alive, absl::Duration timeout, Done done) = 0;
  // Unloads it as soon as nobody uses it. Frees a model that is wedged, once nobody waits for it.
  virtual void Unload(const std::string& model, bool embeds, absl::Duration timeout, Done done) = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_MODEL_MEMORY_H_
