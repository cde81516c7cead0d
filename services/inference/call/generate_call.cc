// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/generate_call.h"

#include <utility>

#include "services/inference/call/unary_generation.h"

namespace tessera::inference {
namespace {

class GenerateCall : public UnaryGeneration {
 public:
  GenerateCall(InferenceContext& context, grpc::CallbackServerContext* rpc,
               const v1::GenerateRequest* request, v1::GenerateResponse* response)
      : UnaryGeneration(context, rpc, "Generate"), response_(response) {
    Begin(CheckGenerateRequest(*request, /*streamed=*/{}, context.defaults), request->request_id());
  }

 private:
  absl::Status Complete(v1::Completion completion) override {
    response_->set_text(answer());
    *response_->mutable_completion() = std::move(completion);
    return absl::OkStatus();
  }

  v1::GenerateResponse* const response_;
};

}  // namespace

grpc::ServerUnaryReactor* StartGenerate(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                        const v1::GenerateRequest* request,
                                        v1::GenerateResponse* response) {
  return new GenerateCall(context, rpc, request, response);
}

}  // namespace tessera::inference
