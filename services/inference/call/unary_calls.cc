// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/unary_calls.h"

#include <memory>
#include <utility>

#include "common/rpc/call_deadline.h"
#include "common/rpc/client_identity.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/retry_pushback.h"
#include "common/rpc/taken_request.h"
#include "common/status/error.h"
#include "services/inference/call/whole_answer.h"

namespace tessera::inference {
namespace {

// Owned by gRPC: deleted in OnDone, which comes after Finish and thus after the answer.
template <typename Request, typename Response>
class UnaryCall : public grpc::ServerUnaryReactor {
 public:
  using Answer = std::shared_ptr<PendingAnswer> (*)(InferenceContext&, Asker,
                                                    std::shared_ptr<const Request>,
                                                    Answered<Response>);

  // Until the constructor has returned gRPC cannot cancel the call.
  UnaryCall(Answer answer, InferenceContext& context, grpc::CallbackServerContext* rpc,
            const Request* request, Response* response)
      : pending_(
            answer(context,
                   {.client = ClientOf(*rpc), .deadline = CallDeadline(*rpc, context.longest_call)},
                   TakeRequest(request), [this, rpc, response](absl::StatusOr<Response> result) {
                     if (result.ok()) {
                       *response = *std::move(result);
                     } else if (ReasonOf(result.status()) != "DRAINING") {
                       // Another server may be there for what this one leaves.
                       ForbidRetry(*rpc);
                     }
                     Finish(ToGrpcStatus(result.status()));
                   })) {}

 private:
  // Neither reaction is worth the change of threads that gRPC would make for it otherwise.
  bool InternalInlineable() override { return true; }
  void OnCancel() override { pending_->Cancel(); }
  void OnDone() override { delete this; }

  const std::shared_ptr<PendingAnswer> pending_;
};

}  // namespace

grpc::ServerUnaryReactor* StartGenerate(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                        const v1::GenerateRequest* request,
                                        v1::GenerateResponse* response) {
  return new UnaryCall<v1::GenerateRequest, v1::GenerateResponse>(AnswerGenerate, context, rpc,
                                                                  request, response);
}

grpc::ServerUnaryReactor* StartClassify(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                        const v1::ClassifyRequest* request,
                                        v1::ClassifyResponse* response) {
  return new UnaryCall<v1::ClassifyRequest, v1::ClassifyResponse>(AnswerClassify, context, rpc,
                                                                  request, response);
}

grpc::ServerUnaryReactor* StartEmbed(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                     const v1::EmbedRequest* request, v1::EmbedResponse* response) {
  return new UnaryCall<v1::EmbedRequest, v1::EmbedResponse>(AnswerEmbed, context, rpc, request,
                                                            response);
}

}  // namespace tessera::inference
