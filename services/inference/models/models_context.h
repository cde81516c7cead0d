// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MODELS_CONTEXT_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MODELS_CONTEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/http/http_client.h"
#include "services/inference/engine/model_catalog.h"

namespace tessera::inference {

// What every call about models works with. Outlives every call.
struct ModelsContext {
  HttpClient& http;
  const ModelCatalog& catalog;
  std::string engine_url;       // Without a path or a trailing slash.
  absl::Duration keep_alive;    // Of a loaded model, unless the call says.
  absl::Duration load_timeout;  // Silence of the engine while it loads.
  // Others, which the service does not change, have models of their own.
  bool several_engines = false;
  bool admin_allowed = false;                     // --model-admin
  absl::Duration longest_call = absl::Hours(24);  // Deadline of calls that bring none.

  // 0 when the engine had no such model at the last look.
  uint64_t SizeOnDisk(std::string_view model) const {
    const auto engine = catalog.Latest();
    const ModelFacts* const facts = engine->Find(model);
    return facts == nullptr ? 0 : facts->size_bytes;
  }

  // Such models are loaded and unloaded by other requests than those that write.
  bool MakesEmbeddingsOnly(std::string_view model) const {
    const auto engine = catalog.Latest();
    const ModelFacts* const facts = engine->Find(model);
    return facts != nullptr && facts->Can("embedding") && !facts->Can("completion");
  }
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MODELS_CONTEXT_H_
