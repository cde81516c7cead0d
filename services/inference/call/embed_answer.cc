// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "services/inference/call/whole_answer.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/recorded_piece.h"

namespace tessera::inference {
namespace {

class EmbedAnswer : public WholeAnswer {
 public:
  EmbedAnswer(InferenceContext& context, std::shared_ptr<const v1::EmbedRequest> request,
              Answered<v1::EmbedResponse> done)
      : WholeAnswer(context), request_(std::move(request)), done_(std::move(done)) {}

  void Ask(Asker asker) {
    absl::StatusOr<CheckedChat> checked = CheckEmbedRequest(*request_, context().defaults);
    if (checked.ok()) checked->owner = request_;
    Begin(std::move(asker), std::move(checked), request_->request_id());
  }

 private:
  void Take(const ChatPiece& piece) override { AppendTo(response_, piece); }
  void Forget() override { response_.Clear(); }

  absl::Status Complete(v1::Completion completion) override {
    if (response_.embeddings_size() != request_->texts_size()) {
      return InvalidReply(fmt::format("sent {} vectors for {} texts", response_.embeddings_size(),
                                      request_->texts_size()));
    }
    *response_.mutable_completion() = std::move(completion);
    done_(std::move(response_));
    return absl::OkStatus();
  }

  void Fail(const absl::Status& error) override { done_(error); }

  const std::shared_ptr<const v1::EmbedRequest> request_;
  const Answered<v1::EmbedResponse> done_;
  v1::EmbedResponse response_;
};

}  // namespace

std::shared_ptr<PendingAnswer> AnswerEmbed(InferenceContext& context, Asker asker,
                                           std::shared_ptr<const v1::EmbedRequest> request,
                                           Answered<v1::EmbedResponse> done) {
  auto answer = std::make_shared<EmbedAnswer>(context, std::move(request), std::move(done));
  answer->Ask(std::move(asker));
  return answer;
}

}  // namespace tessera::inference
