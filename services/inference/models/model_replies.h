// SPDX-License-Identifier: Apache-2.0
//
// Reading Ollama's replies about models into messages of the API.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MODEL_REPLIES_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MODEL_REPLIES_H_

#include <tessera/model/v1/model_service.pb.h>

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/inference/models/memory_facts.h"

namespace tessera::inference {

// What /api/show tells.
struct ModelDescription {
  model::v1::ShowModelResponse shown;
  MemoryFacts facts;
};

// `size_bytes` is the model's size on disk, 0 when not known: where the part that sees pictures is
// a file of its own, its size is what the text part leaves of it. INTERNAL, reason
// ENGINE_REPLY_INVALID, for anything that is not the expected document.
absl::StatusOr<ModelDescription> ReadModelDescription(std::string_view show_json,
                                                      uint64_t size_bytes);

// From /api/ps, in its order.
absl::StatusOr<std::vector<model::v1::RunningModel>> ReadRunningModels(std::string_view json);

// load_duration of a reply to /api/generate or /api/embed; zero when it does not say.
absl::Duration ReadLoadDuration(std::string_view json);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MODEL_REPLIES_H_
