// SPDX-License-Identifier: Apache-2.0
//
// ModelMemory over Ollama's requests without a prompt.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_OLLAMA_MODEL_MEMORY_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_OLLAMA_MODEL_MEMORY_H_

#include <string>

#include "common/http/http_client.h"
#include "services/inference/engine/model_memory.h"

namespace tessera::inference {

class OllamaModelMemory : public ModelMemory {
 public:
  // `http` must outlive it. `url` without a path or a trailing slash.
  OllamaModelMemory(HttpClient& http, std::string url) : http_(http), url_(std::move(url)) {}

  void Load(const std::string& model, const RuntimeOptions& options, bool embeds,
            absl::Duration keep_alive, absl::Duration timeout, Done done) override;
  void Unload(const std::string& model, bool embeds, absl::Duration timeout, Done done) override;

 private:
  void Post(const std::string& model, const RuntimeOptions& options, bool embeds,
            absl::Duration keep_alive, absl::Duration timeout, Done done);

  HttpClient& http_;
  const std::string url_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_OLLAMA_MODEL_MEMORY_H_
