// SPDX-License-Identifier: Apache-2.0
//
// One chat with the engine on behalf of one call: admission, the request, time and tokens counted,
// the end told in the API's words.
#ifndef TESSERA_SERVICES_INFERENCE_GENERATION_H_
#define TESSERA_SERVICES_INFERENCE_GENERATION_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/chat_request_check.h"
#include "services/inference/inference_context.h"
#include "services/inference/scheduling/chat_dispatcher.h"

namespace tessera::inference {

// Hears one generation: any number of pieces, then the end, exactly once. Called on the engine's
// I/O thread or inside Generation::Start; must not block.
class GenerationListener {
 public:
  virtual ~GenerationListener() = default;
  // A non-OK status ends the generation with that status.
  virtual absl::Status OnPiece(const ChatPiece& piece) = 0;
  // Where the generation is. After Retrying, what was heard so far is void.
  virtual void OnPhase(const Phase&) {}
  // Whether it still can forget pieces, because nobody has seen them: then another try may be made
  // after them.
  virtual bool ForgetsPieces() const { return false; }
  virtual void OnGenerationEnd(absl::StatusOr<v1::Completion> completion) = 0;
};

// Thread-safe.
class Generation : public DispatchObserver, public std::enable_shared_from_this<Generation> {
 public:
  // Begins. `context`, `listener`, and everything that `chat` points into must live until
  // OnGenerationEnd has been called, which may happen before Start returns.
  static std::shared_ptr<Generation> Start(InferenceContext& context, CheckedChat chat,
                                           std::string request_id, std::string client,
                                           absl::Time deadline, GenerationListener& listener);

  // Ends it as soon as possible; OnGenerationEnd still follows. Idempotent, never blocks.
  void Cancel();

  void OnPhase(const Phase& phase) override;
  absl::Status OnPiece(const ChatPiece& piece) override;
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override;

 private:
  Generation(InferenceContext& context, CheckedChat chat, std::string request_id,
             GenerationListener& listener);

  ChatJob MakeJob(std::string client);
  absl::StatusOr<v1::Completion> Complete(const absl::StatusOr<ChatOutcome>& outcome,
                                          absl::Duration total);
  void Count(const absl::StatusOr<v1::Completion>& completion, absl::Duration total);

  InferenceContext& context_;
  const CheckedChat chat_;
  const std::string model_;
  const std::string request_id_;
  GenerationListener& listener_;
  const ModelSeries& series_;
  const absl::Time start_;
  absl::Duration time_to_first_token_ = absl::InfiniteDuration();  // I/O thread only.

  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<ChatHandle> handle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_GENERATION_H_
