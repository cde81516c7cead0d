// SPDX-License-Identifier: Apache-2.0
#include "services/inference/generation.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "common/rpc/call_errors.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

// Of English text; what is predicted with it need not be exact.
constexpr size_t kBytesPerToken = 4;

v1::FinishReason ToApi(ChatFinish finish) {
  switch (finish) {
    case ChatFinish::kStop:
      return v1::FINISH_REASON_STOP;
    case ChatFinish::kLength:
      return v1::FINISH_REASON_LENGTH;
    case ChatFinish::kUnknown:
      break;
  }
  return v1::FINISH_REASON_UNSPECIFIED;
}

}  // namespace

Generation::Generation(InferenceContext& context, CheckedChat chat, std::string request_id,
                       GenerationListener& listener)
    : context_(context),
      chat_(std::move(chat)),
      model_(chat_.chat.model),
      request_id_(std::move(request_id)),
      listener_(listener),
      series_(context.metrics.OfModel(model_, context.catalog.Latest()->Find(model_) != nullptr)),
      start_(absl::Now()) {}

std::shared_ptr<Generation> Generation::Start(InferenceContext& context, CheckedChat chat,
                                              std::string request_id, std::string client,
                                              absl::Time deadline, GenerationListener& listener) {
  chat.chat.deadline = deadline;
  std::shared_ptr<Generation> self(
      new Generation(context, std::move(chat), std::move(request_id), listener));
  context.metrics.in_flight().Increment();
  std::shared_ptr<ChatHandle> handle =
      context.dispatcher.Submit(self->MakeJob(std::move(client)), self);
  bool cancelled = false;
  {
    MutexLock lock(&self->mutex_);
    self->handle_ = handle;
    cancelled = self->cancelled_;
  }
  if (cancelled) handle->Cancel();
  return self;
}

ChatJob Generation::MakeJob(std::string client) {
  ChatJob job;
  job.model = model_;
  job.priority = chat_.priority;
  job.client = std::move(client);
  job.deadline = chat_.chat.deadline;
  job.bytes = chat_.bytes;
  job.max_output_tokens = chat_.chat.sampling.max_output_tokens.value_or(0);
  for (const ChatMessage& message : chat_.chat.messages) {
    job.text_tokens += static_cast<uint32_t>(message.text.size() / kBytesPerToken);
  }
  for (const image::v1::PreparedImage* image : chat_.images) {
    job.pictures.push_back({.digest = image->pixel_digest(),
                            .width_px = image->width_px(),
                            .height_px = image->height_px(),
                            .tokens_legacy = image->prompt_tokens().ollama_legacy(),
                            .tokens_current = image->prompt_tokens().ollama_current()});
  }
  job.forgets_pieces = listener_.ForgetsPieces();
  job.start = [self = shared_from_this()](ModelEngine& engine,
                                          std::shared_ptr<ChatObserver> observer) {
    return engine.Chat(self->chat_.chat, std::move(observer));
  };
  return job;
}

void Generation::Cancel() {
  std::shared_ptr<ChatHandle> handle;
  {
    MutexLock lock(&mutex_);
    cancelled_ = true;
    handle = handle_;
  }
  if (handle != nullptr) handle->Cancel();
}

void Generation::OnPhase(const Phase& phase) {
  if (std::holds_alternative<RetryingPhase>(phase)) time_to_first_token_ = absl::InfiniteDuration();
  listener_.OnPhase(phase);
}

absl::Status Generation::OnPiece(const ChatPiece& piece) {
  if (time_to_first_token_ == absl::InfiniteDuration()) {
    time_to_first_token_ = absl::Now() - start_;
  }
  return listener_.OnPiece(piece);
}

void Generation::OnEnd(absl::StatusOr<ChatOutcome> outcome) {
  context_.metrics.in_flight().Decrement();
  const absl::Duration total = absl::Now() - start_;
  absl::StatusOr<v1::Completion> completion = Complete(outcome, total);
  Count(completion, total);
  if (!completion.ok()) {
    completion = WithMetadata(completion.status(), "requestId", request_id_);
    const auto log = absl::IsCancelled(completion.status()) ? LogInfo : LogWarning;
    log("generation failed", {{"request_id", request_id_},
                              {"model", model_},
                              {"reason", ReasonOf(completion.status())},
                              {"seconds", absl::ToDoubleSeconds(total)},
                              {"error", std::string(completion.status().message())}});
  }
  listener_.OnGenerationEnd(std::move(completion));
}

absl::StatusOr<v1::Completion> Generation::Complete(const absl::StatusOr<ChatOutcome>& outcome,
                                                    absl::Duration total) {
  // The limit of the engine's call is the deadline of ours: which of the two ended it is chance.
  if ((absl::IsDeadlineExceeded(outcome.status()) || absl::IsCancelled(outcome.status())) &&
      absl::Now() >= chat_.chat.deadline) {
    return AbandonedError(chat_.chat.deadline);
  }
  TESSERA_RETURN_IF_ERROR(outcome.status());
  v1::Completion completion;
  completion.set_finish_reason(ToApi(outcome->finish));
  completion.set_model(model_);
  completion.set_request_id(request_id_);
  completion.set_attempts(outcome->dispatch.attempts);
  completion.set_backend(outcome->dispatch.backend);
  completion.mutable_usage()->set_prompt_tokens(outcome->prompt_tokens);
  completion.mutable_usage()->set_output_tokens(outcome->output_tokens);
  v1::Timings& timings = *completion.mutable_timings();
  *timings.mutable_total() = ToProto(total);
  if (time_to_first_token_ != absl::InfiniteDuration()) {
    *timings.mutable_time_to_first_token() = ToProto(time_to_first_token_);
  }
  *timings.mutable_engine_total() = ToProto(outcome->total);
  *timings.mutable_engine_load() = ToProto(outcome->load);
  *timings.mutable_engine_prefill() = ToProto(outcome->prefill);
  *timings.mutable_engine_decode() = ToProto(outcome->decode);
  *timings.mutable_queue() = ToProto(outcome->dispatch.queue_wait);
  *timings.mutable_predicted_queue() = ToProto(outcome->dispatch.predicted_wait);
  return completion;
}

void Generation::Count(const absl::StatusOr<v1::Completion>& completion, absl::Duration total) {
  series_.request_duration->Observe(absl::ToDoubleSeconds(total));
  if (!completion.ok()) {
    context_.metrics.CountError(completion.status());
    return;
  }
  const v1::Timings& timings = completion->timings();
  const double tokens = completion->usage().output_tokens();
  const double decode = ToSeconds(timings.engine_decode());
  if (time_to_first_token_ != absl::InfiniteDuration()) {
    series_.time_to_first_token->Observe(absl::ToDoubleSeconds(time_to_first_token_));
    if (tokens > 1) {
      series_.time_per_output_token->Observe(absl::ToDoubleSeconds(total - time_to_first_token_) /
                                             (tokens - 1));
    }
  }
  series_.input_tokens->Increment(completion->usage().prompt_tokens());
  series_.output_tokens->Increment(tokens);
  if (decode > 0) series_.output_tokens_per_second->Set(tokens / decode);
  series_.engine_load_seconds->Increment(ToSeconds(timings.engine_load()));
  series_.engine_prefill_seconds->Increment(ToSeconds(timings.engine_prefill()));
  series_.engine_decode_seconds->Increment(decode);
}

}  // namespace tessera::inference
