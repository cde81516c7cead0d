// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/unary_generation.h"

#include <utility>

#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/client_identity.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/request_id.h"
#include "common/rpc/retry_pushback.h"
#include "common/status/error.h"

namespace tessera::inference {

void UnaryGeneration::Begin(absl::StatusOr<CheckedChat> checked,
                            const std::string& given_request_id) {
  absl::StatusOr<std::string> request_id = RequestIdOr(given_request_id);
  request_id_ = request_id.ok() ? *request_id : MakeRequestId();
  absl::Status status = request_id.status();
  if (status.ok()) status = checked.status();
  if (status.ok()) status = CheckAgainstEngine(*checked, *context_.catalog.Latest());
  if (!status.ok()) return Fail(status);
  // From here on only OnGenerationEnd finishes the call, after which `this` may be gone.
  MutexLock lock(&mutex_);
  generation_ = Generation::Start(context_, *std::move(checked), request_id_, ClientOf(*rpc_),
                                  CallDeadline(*rpc_, context_.longest_call), *this);
  if (cancelled_) generation_->Cancel();
}

absl::Status UnaryGeneration::OnPiece(const ChatPiece& piece) {
  if (answer_.size() + piece.text.size() > context_.max_reply_bytes) {
    return ReplyTooLargeError(context_.max_reply_bytes);
  }
  answer_ += piece.text;
  return absl::OkStatus();
}

void UnaryGeneration::OnPhase(const Phase& phase) {
  if (std::holds_alternative<RetryingPhase>(phase)) ForgetPieces();
}

void UnaryGeneration::Fail(const absl::Status& error) {
  context_.metrics.CountError(error);
  Finish(ToGrpcStatus(FailedCall(error, method_, request_id_)));
}

void UnaryGeneration::OnGenerationEnd(absl::StatusOr<v1::Completion> completion) {
  if (!completion.ok()) {
    // Another server may be there for what this one leaves because it shuts down.
    if (ReasonOf(completion.status()) != "DRAINING") ForbidRetry(*rpc_);
    return Finish(ToGrpcStatus(completion.status()));
  }
  if (const absl::Status status = Complete(*std::move(completion)); !status.ok()) {
    return Fail(status);
  }
  Finish(grpc::Status::OK);
}

void UnaryGeneration::OnCancel() {
  std::shared_ptr<Generation> generation;
  {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    generation = generation_;
  }
  if (generation != nullptr) generation->Cancel();
}

}  // namespace tessera::inference
