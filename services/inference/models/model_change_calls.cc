// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/model_change_calls.h"

#include <functional>
#include <string_view>
#include <utility>

#include "common/status/status_macros.h"
#include "services/inference/models/engine_management.h"
#include "services/inference/models/management_errors.h"
#include "services/inference/models/model_name.h"
#include "services/inference/models/unary_model_call.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

// One question to the engine; all that matters of its answer is the status.
class ModelChangeCall : public UnaryModelCall {
 public:
  // `check` runs first; `make` makes the question, for this call's deadline.
  ModelChangeCall(const ModelsContext& context_in, grpc::CallbackServerContext* rpc,
                  std::string_view method, std::string_view model,
                  const std::function<absl::Status()>& check,
                  const std::function<HttpRequest(absl::Time deadline)>& make)
      : UnaryModelCall(context_in, rpc, method) {
    Begin(ModelCallKind::kAdmin, model, [&] {
      TESSERA_RETURN_IF_ERROR(check());
      Ask(make(deadline()), [this](HttpResponse reply) {
        if (reply.status != 200) return StatusFromManagementReply(reply.status, reply.body);
        Succeed();
        return absl::OkStatus();
      });
      return absl::OkStatus();
    });
  }
};

}  // namespace

grpc::ServerUnaryReactor* StartUnloadModel(const ModelsContext& context,
                                           grpc::CallbackServerContext* rpc,
                                           const api::UnloadModelRequest* request) {
  return new ModelChangeCall(
      context, rpc, "UnloadModel", request->model(),
      [&] { return CheckModelName("model", request->model()); },
      [&](absl::Time deadline) {
        return UnloadRequest(context, request->model(),
                             context.MakesEmbeddingsOnly(request->model()), deadline);
      });
}

grpc::ServerUnaryReactor* StartCopyModel(const ModelsContext& context,
                                         grpc::CallbackServerContext* rpc,
                                         const api::CopyModelRequest* request) {
  return new ModelChangeCall(
      context, rpc, "CopyModel", request->destination(),
      [&] {
        TESSERA_RETURN_IF_ERROR(CheckModelName("source", request->source()));
        return CheckModelName("destination", request->destination());
      },
      [&](absl::Time deadline) {
        return CopyRequest(context, request->source(), request->destination(), deadline);
      });
}

grpc::ServerUnaryReactor* StartDeleteModel(const ModelsContext& context,
                                           grpc::CallbackServerContext* rpc,
                                           const api::DeleteModelRequest* request) {
  return new ModelChangeCall(
      context, rpc, "DeleteModel", request->model(),
      [&] { return CheckModelName("model", request->model()); },
      [&](absl::Time deadline) { return DeleteRequest(context, request->model(), deadline); });
}

}  // namespace tessera::inference
