// SPDX-License-Identifier: Apache-2.0
#include "services/inference/model_service.h"

#include <algorithm>

#include "common/rpc/grpc_status.h"
#include "common/status/error.h"

namespace tessera::inference {
namespace {

model::v1::Model ToMessage(const ModelFacts& facts, const std::vector<LoadedModel>& loaded) {
  model::v1::Model message;
  message.set_name(facts.name);
  message.set_digest(facts.digest);
  message.set_family(facts.family);
  message.set_size_bytes(facts.size_bytes);
  message.mutable_capabilities()->Assign(facts.capabilities.begin(), facts.capabilities.end());
  const auto found = std::find_if(loaded.begin(), loaded.end(), [&](const LoadedModel& model) {
    return model.name == facts.name;
  });
  if (found != loaded.end()) {
    message.set_loaded(true);
    message.set_size_vram_bytes(found->size_vram_bytes);
    message.set_context_tokens(found->context_tokens);
  }
  return message;
}

}  // namespace

grpc::ServerUnaryReactor* ModelService::ListModels(grpc::CallbackServerContext* rpc,
                                                   const model::v1::ListModelsRequest*,
                                                   model::v1::ListModelsResponse* response) {
  grpc::ServerUnaryReactor* const reactor = rpc->DefaultReactor();
  const auto engine = catalog_.Latest();
  if (!engine->reachable) {
    reactor->Finish(ToGrpcStatus(MakeError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE",
                                           "the engine did not answer the last look at it")));
    return reactor;
  }
  for (const auto& [name, facts] : engine->models) {
    *response->add_models() = ToMessage(facts, engine->loaded);
  }
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace tessera::inference
