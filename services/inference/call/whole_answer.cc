// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/whole_answer.h"

#include <utility>
#include <variant>

#include "common/rpc/call_errors.h"
#include "common/rpc/request_id.h"

namespace tessera::inference {
namespace {

size_t BytesOf(const ChatPiece& piece) {
  size_t bytes = piece.text.size() + piece.thinking.size();
  for (const ChatToolCall& call : piece.tool_calls) {
    bytes += call.name.size() + call.arguments_json.size() + call.id.size();
  }
  for (const TokenLogprob& token : piece.logprobs) {
    bytes += sizeof token.logprob + token.token.size();
    for (const TokenLogprob& other : token.top) bytes += sizeof other.logprob + other.token.size();
  }
  return bytes;
}

}  // namespace

void WholeAnswer::Begin(Asker asker, absl::StatusOr<CheckedChat> checked,
                        const std::string& given_request_id) {
  absl::StatusOr<std::string> request_id = RequestIdOr(given_request_id);
  request_id_ = request_id.ok() ? *request_id : MakeRequestId();
  absl::Status status = request_id.status();
  if (status.ok()) status = checked.status();
  if (status.ok()) status = CheckAgainstEngine(*checked, *context_.catalog.Latest());
  if (!status.ok()) return FailOutside(status);
  self_ = shared_from_this();
  const std::shared_ptr<Generation> generation = Generation::Start(
      context_, *std::move(checked), request_id_, std::move(asker.client), asker.deadline, *this);
  bool cancelled = false;
  {
    MutexLock lock(&mutex_);
    generation_ = generation;
    cancelled = cancelled_;
  }
  if (cancelled) generation->Cancel();
}

void WholeAnswer::Cancel() {
  std::shared_ptr<Generation> generation;
  {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    generation = generation_;
  }
  if (generation != nullptr) generation->Cancel();
}

void WholeAnswer::OnPhase(const Phase& phase) {
  if (!std::holds_alternative<RetryingPhase>(phase)) return;
  bytes_ = 0;
  Forget();
}

absl::Status WholeAnswer::OnPiece(const ChatPiece& piece) {
  bytes_ += BytesOf(piece);
  if (bytes_ > context_.max_reply_bytes) return ReplyTooLargeError(context_.max_reply_bytes);
  Take(piece);
  return absl::OkStatus();
}

void WholeAnswer::FailOutside(const absl::Status& error) {
  context_.metrics.CountError(error);
  Fail(FailedCall(error, request_id_));
}

void WholeAnswer::OnGenerationEnd(absl::StatusOr<v1::Completion> completion) {
  // The last reference may be this one.
  const std::shared_ptr<WholeAnswer> self = std::move(self_);
  if (!completion.ok()) return Fail(completion.status());
  if (const absl::Status status = Complete(*std::move(completion)); !status.ok()) {
    FailOutside(status);
  }
}

}  // namespace tessera::inference
