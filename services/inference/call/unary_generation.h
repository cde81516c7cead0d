// SPDX-License-Identifier: Apache-2.0
//
// What the unary calls have in common: collect the answer, end the RPC once, cancel at once.
#ifndef TESSERA_SERVICES_INFERENCE_CALL_UNARY_GENERATION_H_
#define TESSERA_SERVICES_INFERENCE_CALL_UNARY_GENERATION_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "services/inference/generation.h"
#include "services/inference/inference_context.h"

namespace tessera::inference {

// Owned by gRPC: deleted in OnDone, which comes after Finish and thus after the generation's end.
class UnaryGeneration : public grpc::ServerUnaryReactor, public GenerationListener {
 protected:
  // `method` is the RPC's name, for logs.
  UnaryGeneration(InferenceContext& context, grpc::CallbackServerContext* rpc,
                  std::string_view method)
      : context_(context), rpc_(rpc), method_(method) {}

  // Sends `checked` to the engine, or finishes the call with its error. Call once, in the
  // constructor: until that is over gRPC cannot end the call.
  void Begin(absl::StatusOr<CheckedChat> checked, const std::string& given_request_id);

  // The whole answer is in `answer()`: fill the response in.
  virtual absl::Status Complete(v1::Completion completion) = 0;

  absl::Status OnPiece(const ChatPiece& piece) override;
  // Starts the answer anew where another try is made.
  void OnPhase(const Phase& phase) final;
  bool ForgetsPieces() const final { return true; }
  // The pieces heard so far are void.
  virtual void ForgetPieces() { answer_.clear(); }
  const std::string& answer() const { return answer_; }
  InferenceContext& context() { return context_; }

 private:
  // Ends the call with an error that Generation has not seen.
  void Fail(const absl::Status& error);
  void OnGenerationEnd(absl::StatusOr<v1::Completion> completion) final;
  void OnCancel() final;
  void OnDone() final { delete this; }

  InferenceContext& context_;
  grpc::CallbackServerContext* const rpc_;
  const std::string_view method_;
  std::string request_id_;
  std::string answer_;
  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Generation> generation_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CALL_UNARY_GENERATION_H_
