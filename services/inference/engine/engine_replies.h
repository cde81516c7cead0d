// SPDX-License-Identifier: Apache-2.0
//
// Reading Ollama's replies to /api/version, /api/tags, /api/ps and /api/show.
#ifndef TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_REPLIES_H_
#define TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_REPLIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/inference/engine/model_catalog.h"

namespace tessera::inference {

// Each returns INTERNAL, reason ENGINE_REPLY_INVALID, for anything that is not the expected
// document. Unknown fields are ignored; entries without a name are left out.
absl::StatusOr<std::string> ReadVersion(std::string_view json);
absl::StatusOr<std::vector<ModelFacts>> ReadTags(std::string_view json);
absl::StatusOr<std::vector<LoadedModel>> ReadLoaded(std::string_view json);
absl::StatusOr<std::vector<std::string>> ReadCapabilities(std::string_view show_json);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ENGINE_ENGINE_REPLIES_H_
