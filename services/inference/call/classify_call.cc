// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/classify_call.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/inference/call/unary_generation.h"
#include "services/inference/label_question.h"

namespace tessera::inference {
namespace {

class ClassifyCall : public UnaryGeneration {
 public:
  ClassifyCall(InferenceContext& context, grpc::CallbackServerContext* rpc,
               const v1::ClassifyRequest* request, v1::ClassifyResponse* response)
      : UnaryGeneration(context, rpc, "Classify"), request_(request), response_(response) {
    absl::StatusOr<CheckedChat> checked =
        CheckClassifyRequest(*request, context.defaults, question_);
    if (checked.ok()) checked->chat.logprobs = context.catalog.Latest()->ReportsLogprobs();
    Begin(std::move(checked), request->request_id());
  }

 private:
  absl::Status OnPiece(const ChatPiece& piece) override {
    for (const TokenLogprob& token : piece.logprobs) {
      logprobs_.emplace_back(token.token, token.logprob);
    }
    return UnaryGeneration::OnPiece(piece);
  }

  void ForgetPieces() override {
    logprobs_.clear();
    UnaryGeneration::ForgetPieces();
  }

  absl::Status Complete(v1::Completion completion) override {
    TESSERA_ASSIGN_OR_RETURN(const LabelAnswer label,
                             ReadLabelAnswer(answer(), request_->labels(), logprobs_));
    response_->set_label(label.label);
    if (label.confidence) response_->set_confidence(*label.confidence);
    *response_->mutable_completion() = std::move(completion);
    return absl::OkStatus();
  }

  const v1::ClassifyRequest* const request_;
  v1::ClassifyResponse* const response_;
  std::string question_;
  std::vector<std::pair<std::string, double>> logprobs_;
};

}  // namespace

grpc::ServerUnaryReactor* StartClassify(InferenceContext& context, grpc::CallbackServerContext* rpc,
                                        const v1::ClassifyRequest* request,
                                        v1::ClassifyResponse* response) {
  return new ClassifyCall(context, rpc, request, response);
}

}  // namespace tessera::inference
