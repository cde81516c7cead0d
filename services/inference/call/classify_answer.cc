// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/inference/call/whole_answer.h"
#include "services/inference/label_question.h"

namespace tessera::inference {
namespace {

class ClassifyAnswer : public WholeAnswer {
 public:
  ClassifyAnswer(InferenceContext& context, std::shared_ptr<const v1::ClassifyRequest> request,
                 Answered<v1::ClassifyResponse> done)
      : WholeAnswer(context), request_(std::move(request)), done_(std::move(done)) {}

  void Ask(Asker asker) {
    absl::StatusOr<CheckedChat> checked = CheckClassifyRequest(*request_, context().defaults);
    if (checked.ok()) {
      checked->chat.logprobs = context().catalog.Latest()->ReportsLogprobs();
      // The question is the check's own; pictures and the model's name are the request's.
      checked->owner = std::make_shared<
          std::pair<std::shared_ptr<const void>, std::shared_ptr<const v1::ClassifyRequest>>>(
          checked->owner, request_);
    }
    Begin(std::move(asker), std::move(checked), request_->request_id());
  }

 private:
  void Take(const ChatPiece& piece) override {
    answer_ += piece.text;
    for (const TokenLogprob& token : piece.logprobs) {
      logprobs_.emplace_back(token.token, token.logprob);
    }
  }

  void Forget() override {
    answer_.clear();
    logprobs_.clear();
  }

  absl::Status Complete(v1::Completion completion) override {
    TESSERA_ASSIGN_OR_RETURN(const LabelAnswer read,
                             ReadLabelAnswer(answer_, *request_, logprobs_));
    v1::ClassifyResponse response;
    for (const ScoredLabel& label : read.labels) {
      v1::LabelScore& score = *response.add_labels();
      score.set_label(label.label);
      if (label.confidence) score.set_confidence(*label.confidence);
    }
    if (!read.labels.empty()) response.set_label(read.labels.front().label);
    if (read.confidence) response.set_confidence(*read.confidence);
    *response.mutable_completion() = std::move(completion);
    done_(std::move(response));
    return absl::OkStatus();
  }

  void Fail(const absl::Status& error) override { done_(error); }

  const std::shared_ptr<const v1::ClassifyRequest> request_;
  const Answered<v1::ClassifyResponse> done_;
  std::string answer_;
  std::vector<std::pair<std::string, double>> logprobs_;
};

}  // namespace

std::shared_ptr<PendingAnswer> AnswerClassify(InferenceContext& context, Asker asker,
                                              std::shared_ptr<const v1::ClassifyRequest> request,
                                              Answered<v1::ClassifyResponse> done) {
  auto answer = std::make_shared<ClassifyAnswer>(context, std::move(request), std::move(done));
  answer->Ask(std::move(asker));
  return answer;
}

}  // namespace tessera::inference
