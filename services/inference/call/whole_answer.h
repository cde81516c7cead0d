// SPDX-License-Identifier: Apache-2.0
//
// A request answered whole, whoever asks: a unary call, or an item of a batch.
#ifndef TESSERA_SERVICES_INFERENCE_CALL_WHOLE_ANSWER_H_
#define TESSERA_SERVICES_INFERENCE_CALL_WHOLE_ANSWER_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/generation.h"
#include "services/inference/inference_context.h"

namespace tessera::inference {

// Whose call it is and how long it may take.
struct Asker {
  std::string client;  // For fair shares.
  absl::Time deadline;
};

// An answer in the making. Dropping it does not end it.
class PendingAnswer {
 public:
  virtual ~PendingAnswer() = default;
  // `done` still follows, soon. Idempotent, never blocks.
  virtual void Cancel() = 0;
};

// Called exactly once, on any thread, perhaps before the function that was given it returns. Errors
// carry the request's id.
template <typename Response>
using Answered = std::function<void(absl::StatusOr<Response>)>;

// `context` must outlive `done`'s call; the request is kept until its flight has landed.
std::shared_ptr<PendingAnswer> AnswerGenerate(InferenceContext& context, Asker asker,
                                              std::shared_ptr<const v1::GenerateRequest> request,
                                              Answered<v1::GenerateResponse> done);
std::shared_ptr<PendingAnswer> AnswerClassify(InferenceContext& context, Asker asker,
                                              std::shared_ptr<const v1::ClassifyRequest> request,
                                              Answered<v1::ClassifyResponse> done);
std::shared_ptr<PendingAnswer> AnswerEmbed(InferenceContext& context, Asker asker,
                                           std::shared_ptr<const v1::EmbedRequest> request,
                                           Answered<v1::EmbedResponse> done);

// What these have in common: check, begin, bound the answer, end once.
class WholeAnswer : public PendingAnswer,
                    public GenerationListener,
                    public std::enable_shared_from_this<WholeAnswer> {
 public:
  void Cancel() override;

 protected:
  explicit WholeAnswer(InferenceContext& context) : context_(context) {}

  // Begins, or ends with the error of `checked`. Call once, when a shared_ptr holds this.
  void Begin(Asker asker, absl::StatusOr<CheckedChat> checked, const std::string& given_request_id);

  // A piece of the answer that is within bounds.
  virtual void Take(const ChatPiece& piece) = 0;
  // What was taken is void.
  virtual void Forget() = 0;
  // All has been taken: ends the answer, or says why it is none.
  virtual absl::Status Complete(v1::Completion completion) = 0;
  virtual void Fail(const absl::Status& error) = 0;

  InferenceContext& context() { return context_; }

 private:
  // Ends with an error that Generation has not seen.
  void FailOutside(const absl::Status& error);
  bool Forgets() const final { return true; }
  void OnPhase(const Phase& phase) final;
  absl::Status OnPiece(const ChatPiece& piece) final;
  void OnGenerationEnd(absl::StatusOr<v1::Completion> completion) final;

  InferenceContext& context_;
  std::string request_id_;
  size_t bytes_ = 0;
  std::shared_ptr<WholeAnswer> self_;  // Until the end.
  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Generation> generation_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CALL_WHOLE_ANSWER_H_
