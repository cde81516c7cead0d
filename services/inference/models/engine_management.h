// SPDX-License-Identifier: Apache-2.0
//
// The requests of Ollama's model management, with the time that each may take.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_ENGINE_MANAGEMENT_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_ENGINE_MANAGEMENT_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/http/http_client.h"
#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Each takes the call's deadline; a request ends there at the latest.
HttpRequest ShowRequest(const ModelsContext& context, std::string_view model, absl::Time deadline);
HttpRequest ListRequest(const ModelsContext& context, absl::Time deadline);
HttpRequest RunningRequest(const ModelsContext& context, absl::Time deadline);
// Loads `model`. `embeds` says that it makes embeddings only. `context_tokens` 0: the model's own.
HttpRequest LoadRequest(const ModelsContext& context, std::string_view model, bool embeds,
                        absl::Duration keep_alive, uint32_t context_tokens, absl::Time deadline);
HttpRequest UnloadRequest(const ModelsContext& context, std::string_view model, bool embeds,
                          absl::Time deadline);
HttpRequest CopyRequest(const ModelsContext& context, std::string_view source,
                        std::string_view destination, absl::Time deadline);
HttpRequest DeleteRequest(const ModelsContext& context, std::string_view model,
                          absl::Time deadline);
HttpRequest PullRequest(const ModelsContext& context, std::string_view model, absl::Time deadline);
HttpRequest CreateRequest(const ModelsContext& context, std::string body, absl::Time deadline);
HttpRequest FindBlobRequest(const ModelsContext& context, std::string_view digest,
                            absl::Time deadline);
HttpRequest UploadRequest(const ModelsContext& context, std::string_view digest,
                          std::shared_ptr<HttpBodySource> source, absl::Time deadline);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_ENGINE_MANAGEMENT_H_
