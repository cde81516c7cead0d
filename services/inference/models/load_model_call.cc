// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/load_model_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/models/engine_management.h"
#include "services/inference/models/management_errors.h"
#include "services/inference/models/model_name.h"
#include "services/inference/models/model_replies.h"
#include "services/inference/models/unary_model_call.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

constexpr uint32_t kMaxContextTokens = 10'000'000;

class LoadModelCall : public UnaryModelCall {
 public:
  LoadModelCall(const ModelsContext& context_in, grpc::CallbackServerContext* rpc,
                const api::LoadModelRequest* request, api::LoadModelResponse* response)
      : UnaryModelCall(context_in, rpc, "LoadModel"), request_(*request), response_(*response) {
    Begin(ModelCallKind::kAdmin, request->model(), [&] { return Load(); });
  }

 private:
  absl::Status Load() {
    TESSERA_RETURN_IF_ERROR(CheckModelName("model", request_.model()));
    absl::Duration keep_alive = context().keep_alive;
    if (request_.has_keep_alive()) keep_alive = FromProto(request_.keep_alive());
    if (keep_alive <= absl::ZeroDuration() || keep_alive > absl::Hours(24)) {
      return InvalidField("keep_alive", "must be more than 0 and at most 24 h");
    }
    if (request_.context_tokens() > kMaxContextTokens) {
      return InvalidField("context_tokens", "must be at most 10,000,000");
    }
    const bool embeds = context().MakesEmbeddingsOnly(request_.model());
    const absl::Time started = absl::Now();
    Ask(LoadRequest(context(), request_.model(), embeds, keep_alive, request_.context_tokens(),
                    deadline()),
        [this, started](HttpResponse reply) {
          if (reply.status != 200) return StatusFromManagementReply(reply.status, reply.body);
          // An engine that does not tell its load time is taken by our clock.
          const absl::Duration told = ReadLoadDuration(reply.body);
          *response_.mutable_load_time() =
              ToProto(told > absl::ZeroDuration() ? told : absl::Now() - started);
          Ask(RunningRequest(context(), deadline()),
              [this](HttpResponse running) { return TakeRunning(running); });
          return absl::OkStatus();
        });
    return absl::OkStatus();
  }

  absl::Status TakeRunning(const HttpResponse& reply) {
    if (reply.status != 200) return StatusFromManagementReply(reply.status, reply.body);
    TESSERA_ASSIGN_OR_RETURN(std::vector<api::RunningModel> running, ReadRunningModels(reply.body));
    const auto engine = context().catalog.Latest();
    const ModelFacts* const facts = engine->Find(request_.model());
    const std::string name = WithTag(request_.model());
    const auto found =
        std::find_if(running.begin(), running.end(), [&](const api::RunningModel& model) {
          // The engine shows the name by which the weights were loaded first.
          return model.name() == name || (facts != nullptr && model.digest() == facts->digest);
        });
    if (found == running.end()) {
      return MakeError(absl::StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED",
                       fmt::format("{} was loaded, and is gone again", name));
    }
    *response_.mutable_model() = std::move(*found);
    Succeed();
    return absl::OkStatus();
  }

  const api::LoadModelRequest& request_;
  api::LoadModelResponse& response_;
};

}  // namespace

grpc::ServerUnaryReactor* StartLoadModel(const ModelsContext& context,
                                         grpc::CallbackServerContext* rpc,
                                         const api::LoadModelRequest* request,
                                         api::LoadModelResponse* response) {
  return new LoadModelCall(context, rpc, request, response);
}

}  // namespace tessera::inference
