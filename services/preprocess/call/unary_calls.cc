// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/call/unary_calls.h"

#include <memory>
#include <utility>

#include "common/rpc/call_deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/taken_request.h"
#include "services/preprocess/hop/hop_context.h"
#include "services/preprocess/hop/prepared_call.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;

// Owned by gRPC: deleted in OnDone, which comes after Finish and thus after the answer.
template <typename Request, typename Response>
class UnaryCall : public grpc::ServerUnaryReactor {
 public:
  // Until the constructor has returned gRPC cannot cancel the call.
  UnaryCall(PreprocessContext& context, grpc::CallbackServerContext* rpc, const Request* request,
            Response* response) {
    const absl::Time deadline = CallDeadline(*rpc, context.longest_call);
    call_ = std::make_shared<PreparedCall<Request, Response>>(
        context, MakeHopContext(*rpc, deadline), deadline, std::move(*TakeRequest(request)));
    call_->Start([this, response](absl::StatusOr<Response> result) {
      if (result.ok()) *response = *std::move(result);
      Finish(ToGrpcStatus(result.status()));
    });
  }

 private:
  void OnCancel() override { call_->Cancel(); }
  void OnDone() override { delete this; }

  std::shared_ptr<PreparedCall<Request, Response>> call_;
};

}  // namespace

grpc::ServerUnaryReactor* StartGenerate(PreprocessContext& context,
                                        grpc::CallbackServerContext* rpc,
                                        const api::GenerateRequest* request,
                                        api::GenerateResponse* response) {
  return new UnaryCall<api::GenerateRequest, api::GenerateResponse>(context, rpc, request,
                                                                    response);
}

grpc::ServerUnaryReactor* StartClassify(PreprocessContext& context,
                                        grpc::CallbackServerContext* rpc,
                                        const api::ClassifyRequest* request,
                                        api::ClassifyResponse* response) {
  return new UnaryCall<api::ClassifyRequest, api::ClassifyResponse>(context, rpc, request,
                                                                    response);
}

grpc::ServerUnaryReactor* StartEmbed(PreprocessContext& context, grpc::CallbackServerContext* rpc,
                                     const api::EmbedRequest* request,
                                     api::EmbedResponse* response) {
  return new UnaryCall<api::EmbedRequest, api::EmbedResponse>(context, rpc, request, response);
}

}  // namespace tessera::preprocess
