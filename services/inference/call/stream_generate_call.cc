// SPDX-License-Identifier: Apache-2.0
#include "services/inference/call/stream_generate_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "common/rpc/call_deadline.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/client_identity.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/inline_completions.h"
#include "common/rpc/proto_time.h"
#include "common/rpc/request_id.h"
#include "common/rpc/retry_pushback.h"
#include "common/rpc/stream_writer.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/generation.h"
#include "services/inference/recorded_piece.h"

namespace tessera::inference {
namespace {

v1::StreamGenerateResponse PhaseEvent(const Phase& phase) {
  v1::StreamGenerateResponse event;
  if (const auto* queued = std::get_if<QueuedPhase>(&phase)) {
    event.mutable_queued()->set_position(queued->position);
    *event.mutable_queued()->mutable_predicted_wait() = ToProto(queued->predicted_wait);
  } else if (const auto* loading = std::get_if<LoadingPhase>(&phase)) {
    v1::Loading& message = *event.mutable_loading();
    if (loading->predicted > absl::ZeroDuration()) {
      *message.mutable_predicted() = ToProto(loading->predicted);
    }
  } else if (const auto* prefill = std::get_if<PrefillPhase>(&phase)) {
    event.mutable_prefill()->set_predicted_prompt_tokens(prefill->predicted_prompt_tokens);
  } else if (const auto* retrying = std::get_if<RetryingPhase>(&phase)) {
    event.mutable_retrying()->set_attempts(retrying->attempts);
    event.mutable_retrying()->set_reason(retrying->reason);
  }
  return event;
}

// Life of a call: read `start`, read the pictures it promises, generate, write events, end.
// Reads and the generation's events come from different threads, but a new read is started only
// while no generation runs, so the members without a mutex are touched by one thread at a time.
class StreamGenerateCall
    : public grpc::ServerBidiReactor<v1::StreamGenerateRequest, v1::StreamGenerateResponse>,
      public GenerationListener,
      public StreamWriter<v1::StreamGenerateResponse>::Stream {
 public:
  StreamGenerateCall(InferenceContext& context, grpc::CallbackServerContext* rpc)
      : context_(context), rpc_(rpc), writer_(*this, context.max_unsent_bytes) {
    StartRead(&part_);
  }

 private:
  void OnReadDone(bool ok) override {
    const absl::Status status = ok ? Take(part_) : NoMoreParts();
    if (!status.ok()) return Fail(status);
    if (started_ && missing_.empty()) {
      if (const absl::Status begun = Generate(); !begun.ok()) Fail(begun);
    } else {
      part_.Clear();
      StartRead(&part_);
    }
  }

  // No more messages: the caller has closed its side, or is gone.
  absl::Status NoMoreParts() {
    if (rpc_->IsCancelled()) return AbandonedError(CallDeadline(*rpc_, absl::InfiniteDuration()));
    if (!started_) {
      return MalformedStreamError("the stream ended before its first message, `start`");
    }
    return MalformedStreamError(
        fmt::format("the stream ended before the picture '{}'", *missing_.begin()));
  }

  absl::Status Take(v1::StreamGenerateRequest& part) {
    switch (part.part_case()) {
      case v1::StreamGenerateRequest::kStart:
        return TakeStart(*part.mutable_start());
      case v1::StreamGenerateRequest::kImage:
        return TakeImage(*part.mutable_image());
      case v1::StreamGenerateRequest::kChunk:
        return MakeError(absl::StatusCode::kInvalidArgument, "IMAGE_NOT_PREPARED",
                         "picture files in chunks are taken by tessera-preprocess only");
      case v1::StreamGenerateRequest::PART_NOT_SET:
        break;
    }
    return MalformedStreamError("a message of the stream has no part set");
  }

  absl::Status TakeStart(v1::GenerateRequest& start) {
    if (started_) return MalformedStreamError("`start` was sent twice");
    started_ = true;
    request_->start = std::move(start);
    TESSERA_ASSIGN_OR_RETURN(const std::string request_id,
                             RequestIdOr(request_->start.request_id()));
    request_id_ = request_id;
    TESSERA_ASSIGN_OR_RETURN(const std::vector<std::string> promised,
                             PromisedImages(request_->start));
    missing_.insert(promised.begin(), promised.end());
    return absl::OkStatus();
  }

  absl::Status TakeImage(v1::StreamedImage& image) {
    if (!started_) return MalformedStreamError("a picture came before `start`");
    const auto promised = missing_.find(image.stream_id());
    if (promised == missing_.end()) {
      return MalformedStreamError("a picture came that `start` did not promise, or came twice");
    }
    if (!image.image().has_prepared()) {
      return MakeError(absl::StatusCode::kInvalidArgument, "IMAGE_NOT_PREPARED",
                       "picture files are taken by tessera-preprocess only");
    }
    missing_.erase(promised);
    request_->images[image.stream_id()] = std::move(*image.mutable_image()->mutable_prepared());
    return absl::OkStatus();
  }

  absl::Status Generate() {
    TESSERA_ASSIGN_OR_RETURN(
        CheckedChat checked,
        CheckGenerateRequest(request_->start, request_->images, context_.defaults));
    checked.owner = request_;
    // What has been told cannot be mended.
    checked.rules.repair = false;
    TESSERA_RETURN_IF_ERROR(CheckAgainstEngine(checked, *context_.catalog.Latest()));
    v1::StreamGenerateResponse event;
    event.mutable_started()->set_request_id(request_id_);
    event.mutable_started()->set_model(std::string(checked.chat.model));
    TESSERA_RETURN_IF_ERROR(writer_.Push(std::move(event)));
    // From here on nothing is read, and only OnGenerationEnd ends the stream.
    // Not under the lock: it may tell this call everything before it returns.
    const std::shared_ptr<Generation> generation =
        Generation::Start(context_, std::move(checked), request_id_, ClientOf(*rpc_),
                          CallDeadline(*rpc_, context_.longest_call), *this);
    bool cancelled = false;
    {
      MutexLock lock(&mutex_);
      generation_ = generation;
      cancelled = cancelled_;
    }
    if (cancelled) generation->Cancel();
    return absl::OkStatus();
  }

  // Ends the call with an error that Generation has not seen.
  void Fail(const absl::Status& error) {
    context_.metrics.CountError(error);
    writer_.Finish(ToGrpcStatus(FailedCall(error, request_id_)));
  }

  bool Forgets() const override { return false; }

  void OnPhase(const Phase& phase) override {
    // A caller that reads too slowly for a few phases is cut off at the next piece.
    writer_.Push(PhaseEvent(phase)).IgnoreError();
  }

  absl::Status OnPiece(const ChatPiece& piece) override {
    if (!piece.thinking.empty()) {
      v1::StreamGenerateResponse event;
      event.mutable_thinking()->set_text(std::string(piece.thinking));
      TESSERA_RETURN_IF_ERROR(writer_.Push(std::move(event)));
    }
    if (!piece.text.empty() || !piece.logprobs.empty()) {
      v1::StreamGenerateResponse event;
      event.mutable_text()->set_text(std::string(piece.text));
      for (const TokenLogprob& token : piece.logprobs) {
        *event.mutable_text()->add_logprobs() = ToApi(token);
      }
      TESSERA_RETURN_IF_ERROR(writer_.Push(std::move(event)));
    }
    for (const ChatToolCall& call : piece.tool_calls) {
      v1::StreamGenerateResponse event;
      *event.mutable_tool_call() = ToApi(call);
      TESSERA_RETURN_IF_ERROR(writer_.Push(std::move(event)));
    }
    return absl::OkStatus();
  }

  void OnGenerationEnd(absl::StatusOr<v1::Completion> completion) override {
    if (!completion.ok()) {
      // Another server may be there for what this one leaves because it shuts down.
      if (ReasonOf(completion.status()) != "DRAINING") ForbidRetry(*rpc_);
      return writer_.Finish(ToGrpcStatus(completion.status()));
    }
    v1::StreamGenerateResponse event;
    *event.mutable_finished() = *std::move(completion);
    if (const absl::Status status = writer_.Push(std::move(event)); !status.ok()) {
      return Fail(status);
    }
    writer_.Finish(grpc::Status::OK);
  }

  void Write(const v1::StreamGenerateResponse* event) override {
    StartWithInlineCompletions([&] { StartWrite(event); });
  }
  void End(const grpc::Status& status) override {
    StartWithInlineCompletions([&] { Finish(status); });
  }
  void OnWriteDone(bool ok) override { writer_.OnWriteDone(ok); }

  void OnCancel() override {
    std::shared_ptr<Generation> generation;
    {
      MutexLock lock(&mutex_);
      cancelled_ = true;
      generation = generation_;
    }
    // Before the generation, the failing read ends the call.
    if (generation != nullptr) generation->Cancel();
  }

  void OnDone() override { delete this; }

  InferenceContext& context_;
  grpc::CallbackServerContext* const rpc_;
  StreamWriter<v1::StreamGenerateResponse> writer_;
  v1::StreamGenerateRequest part_;
  // Kept by whoever still needs it when the call is over.
  struct Request {
    v1::GenerateRequest start;
    StreamedImages images;
  };
  const std::shared_ptr<Request> request_ = std::make_shared<Request>();
  std::string request_id_ = MakeRequestId();  // Until `start` names another.
  std::set<std::string> missing_;
  bool started_ = false;
  Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Generation> generation_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

grpc::ServerBidiReactor<v1::StreamGenerateRequest, v1::StreamGenerateResponse>* StartStreamGenerate(
    InferenceContext& context, grpc::CallbackServerContext* rpc) {
  return new StreamGenerateCall(context, rpc);
}

}  // namespace tessera::inference
