// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/list_models_call.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/inference/engine/engine_replies.h"
#include "services/inference/models/engine_management.h"
#include "services/inference/models/management_errors.h"
#include "services/inference/models/unary_model_call.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

api::Model ToMessage(const ModelFacts& facts, const std::vector<LoadedModel>& loaded) {
  api::Model message;
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

class ListModelsCall : public UnaryModelCall {
 public:
  ListModelsCall(const ModelsContext& context_in, grpc::CallbackServerContext* rpc,
                 api::ListModelsResponse* response)
      : UnaryModelCall(context_in, rpc, "ListModels"), response_(*response) {
    Begin(ModelCallKind::kQuestion, "", [&] {
      Ask(ListRequest(context(), deadline()), [this](HttpResponse reply) {
        if (reply.status != 200) return StatusFromManagementReply(reply.status, reply.body);
        TESSERA_ASSIGN_OR_RETURN(std::vector<ModelFacts> models, ReadTags(reply.body));
        Fill(std::move(models));
        Succeed();
        return absl::OkStatus();
      });
      return absl::OkStatus();
    });
  }

 private:
  void Fill(std::vector<ModelFacts> models) {
    const auto last = context().catalog.Latest();
    std::map<std::string, ModelFacts> all;
    if (context().several_engines) all = last->models;
    for (ModelFacts& facts : models) {
      const ModelFacts* const known = last->Find(facts.name);
      if (!facts.capabilities_known && known != nullptr && known->digest == facts.digest) {
        facts.capabilities = known->capabilities;
      }
      std::string name = facts.name;
      all.insert_or_assign(std::move(name), std::move(facts));
    }
    for (const auto& [name, facts] : all) *response_.add_models() = ToMessage(facts, last->loaded);
  }

  api::ListModelsResponse& response_;
};

}  // namespace

grpc::ServerUnaryReactor* StartListModels(const ModelsContext& context,
                                          grpc::CallbackServerContext* rpc,
                                          api::ListModelsResponse* response) {
  return new ListModelsCall(context, rpc, response);
}

}  // namespace tessera::inference
