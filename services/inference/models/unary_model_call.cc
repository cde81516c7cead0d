// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/unary_model_call.h"

#include <utility>

#include "common/logging/log.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/models/management_errors.h"

namespace tessera::inference {

// Collects one answer.
class UnaryModelCall::Sink : public CollectingSink {
 public:
  Sink(UnaryModelCall& call, Then then) : call_(call), then_(std::move(then)) {}

  void OnDone(const absl::Status& status, const HttpStats&) override {
    call_.OnAnswer(status, std::move(response_), then_);
  }

 private:
  UnaryModelCall& call_;
  const Then then_;
};

UnaryModelCall::UnaryModelCall(const ModelsContext& context, grpc::CallbackServerContext* rpc,
                               std::string_view method)
    : context_(context),
      method_(method),
      deadline_(CallDeadline(*rpc, context.longest_call)),
      request_id_(MakeRequestId()) {}

void UnaryModelCall::Begin(ModelCallKind kind, std::string_view model,
                           const std::function<absl::Status()>& steps) {
  kind_ = kind;
  model_ = std::string(model);
  if (kind == ModelCallKind::kAdmin && !context_.admin_allowed) return Fail(AdminDisabledError());
  if (const absl::Status status = steps(); !status.ok()) Fail(status);
}

void UnaryModelCall::Ask(HttpRequest request, Then then) {
  question_.Ask(context_.http, std::move(request), std::make_shared<Sink>(*this, std::move(then)));
}

void UnaryModelCall::OnAnswer(const absl::Status& status, HttpResponse response, const Then& then) {
  if (!status.ok()) return Fail(StatusFromTransport(status, response.status != 0));
  if (const absl::Status next = then(std::move(response)); !next.ok()) Fail(next);
}

void UnaryModelCall::Succeed() {
  if (kind_ == ModelCallKind::kAdmin) {
    LogInfo("models changed",
            {{"method", method_}, {"model", model_}, {"request_id", request_id_}});
  }
  Finish(grpc::Status::OK);
}

void UnaryModelCall::Fail(const absl::Status& error) {
  Finish(ToGrpcStatus(FailedCall(error, method_, request_id_)));
}

void UnaryModelCall::OnCancel() { question_.Cancel(); }

}  // namespace tessera::inference
