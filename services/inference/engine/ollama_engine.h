// SPDX-License-Identifier: Apache-2.0
//
// ModelEngine over Ollama's /api/chat and /api/embed.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_OLLAMA_ENGINE_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_OLLAMA_ENGINE_H_

#include <memory>
#include <string>

#include "common/http/http_client.h"
#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

struct OllamaOptions {
  std::string url = "http://127.0.0.1:11434";  // Without a path or a trailing slash.
  absl::Duration connect_timeout = absl::Seconds(2);
  // From the request to the first token: queue, model load and prefill included, because Ollama
  // sends not even a header before.
  absl::Duration first_token_timeout = absl::Minutes(5);
  absl::Duration idle_timeout = absl::Seconds(60);  // Between two pieces of an answer.
  int64_t max_reply_bytes = int64_t{256} << 20;     // All lines of one answer.
  size_t max_line_bytes = size_t{4} << 20;
};

// Thread-safe. Always streams, so that a cancelled call frees the engine's slot, and reads at full
// speed whatever becomes of the pieces: an Ollama whose reader stalls can wedge for good.
class OllamaEngine : public ModelEngine {
 public:
  // `http` must outlive the engine and every chat.
  OllamaEngine(HttpClient& http, OllamaOptions options);

  std::shared_ptr<ChatHandle> Chat(const ChatRequest& request,
                                   std::shared_ptr<ChatObserver> observer) override;
  std::shared_ptr<ChatHandle> Embed(const EmbedRequest& request,
                                    std::shared_ptr<ChatObserver> observer) override;

 private:
  std::shared_ptr<ChatHandle> Post(const char* path, std::shared_ptr<const std::string> body,
                                   absl::Time deadline, std::shared_ptr<HttpResponseSink> sink);

  HttpClient& http_;
  const OllamaOptions options_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_OLLAMA_ENGINE_H_
