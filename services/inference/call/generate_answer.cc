// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "services/inference/call/whole_answer.h"
#include "services/inference/recorded_piece.h"

namespace tessera::inference {
namespace {

class GenerateAnswer : public WholeAnswer {
 public:
  GenerateAnswer(InferenceContext& context, Answered<v1::GenerateResponse> done)
      : WholeAnswer(context), done_(std::move(done)) {}

  void Ask(Asker asker, const std::shared_ptr<const v1::GenerateRequest>& request) {
    absl::StatusOr<CheckedChat> checked =
        CheckGenerateRequest(*request, /*streamed=*/{}, context().defaults);
    if (checked.ok()) checked->owner = request;
    Begin(std::move(asker), std::move(checked), request->request_id());
  }

 private:
  void Take(const ChatPiece& piece) override { AppendTo(response_, piece); }
  void Forget() override { response_.Clear(); }
  absl::Status Complete(v1::Completion completion) override {
    *response_.mutable_completion() = std::move(completion);
    done_(std::move(response_));
    return absl::OkStatus();
  }
  void Fail(const absl::Status& error) override { done_(error); }

  const Answered<v1::GenerateResponse> done_;
  v1::GenerateResponse response_;
};

}  // namespace

std::shared_ptr<PendingAnswer> AnswerGenerate(InferenceContext& context, Asker asker,
                                              std::shared_ptr<const v1::GenerateRequest> request,
                                              Answered<v1::GenerateResponse> done) {
  auto answer = std::make_shared<GenerateAnswer>(context, std::move(done));
  answer->Ask(std::move(asker), request);
  return answer;
}

}  // namespace tessera::inference
