// SPDX-License-Identifier: Apache-2.0
#include "services/inference/flight_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/rpc/proto_time.h"
#include "common/status/error.h"

namespace tessera::inference {
namespace {

// Of English text; what is predicted with it need not be exact.
constexpr size_t kBytesPerToken = 4;
// What is packed begins with one of these, so that nothing else is taken for it.
constexpr std::string_view kPackedChat = "tsr1c";
constexpr std::string_view kPackedVectors = "tsr1v";

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

std::string Text(const RuntimeOptions& runtime) {
  const auto number = [](const auto& value) {
    return value ? std::to_string(*value) : std::string("-");
  };
  return fmt::format("{},{},{},{},{},{}", number(runtime.num_ctx), number(runtime.num_batch),
                     number(runtime.num_gpu), number(runtime.main_gpu), number(runtime.use_mmap),
                     number(runtime.num_thread));
}

}  // namespace

ChatJob JobOf(const CheckedChat& chat, const RuntimeOptions& profile) {
  ChatJob job;
  job.model = std::string(chat.chat.model);
  job.priority = chat.priority;
  job.bytes = chat.bytes;
  job.max_output_tokens = chat.chat.sampling.max_output_tokens.value_or(0);
  size_t text_bytes = 0;
  for (const ChatMessage& message : chat.chat.messages) {
    text_bytes += message.text.size() + message.thinking.size();
  }
  for (const ChatTool& tool : chat.chat.tools) {
    text_bytes += tool.description.size() + tool.parameters_json.size();
  }
  if (chat.embed) {
    job.embeds = true;
    for (const std::string_view text : chat.embed->texts) text_bytes += text.size();
  } else if (chat.chat.runtime != profile) {
    job.runtime_key = Text(chat.chat.runtime);
  }
  job.context_tokens = chat.chat.runtime.num_ctx.value_or(0);
  job.text_tokens = static_cast<uint32_t>(text_bytes / kBytesPerToken);
  for (const image::v1::PreparedImage* image : chat.images) {
    job.pictures.push_back({.digest = image->pixel_digest(),
                            .width_px = image->width_px(),
                            .height_px = image->height_px(),
                            .tokens_legacy = image->prompt_tokens().ollama_legacy(),
                            .tokens_current = image->prompt_tokens().ollama_current()});
  }
  return job;
}

v1::Completion CompletionOf(const ChatOutcome& outcome, bool calls_tools) {
  v1::Completion completion;
  completion.set_finish_reason(calls_tools ? v1::FINISH_REASON_TOOL_CALLS : ToApi(outcome.finish));
  completion.set_attempts(outcome.dispatch.attempts);
  completion.set_backend(outcome.dispatch.backend);
  completion.mutable_usage()->set_prompt_tokens(outcome.prompt_tokens);
  completion.mutable_usage()->set_output_tokens(outcome.output_tokens);
  v1::Timings& timings = *completion.mutable_timings();
  *timings.mutable_engine_total() = ToProto(outcome.total);
  *timings.mutable_engine_load() = ToProto(outcome.load);
  *timings.mutable_engine_prefill() = ToProto(outcome.prefill);
  *timings.mutable_engine_decode() = ToProto(outcome.decode);
  *timings.mutable_queue() = ToProto(outcome.dispatch.queue_wait);
  *timings.mutable_predicted_queue() = ToProto(outcome.dispatch.predicted_wait);
  return completion;
}

void SetTimes(v1::Completion& completion, absl::Duration total, absl::Duration to_first_piece) {
  v1::Timings& timings = *completion.mutable_timings();
  *timings.mutable_total() = ToProto(total);
  if (to_first_piece != absl::InfiniteDuration()) {
    *timings.mutable_time_to_first_token() = ToProto(to_first_piece);
  }
}

void CountEngineWork(const v1::Completion& completion, const ModelSeries& series) {
  const double tokens = completion.usage().output_tokens();
  const double decode = ToSeconds(completion.timings().engine_decode());
  series.input_tokens->Increment(completion.usage().prompt_tokens());
  series.output_tokens->Increment(tokens);
  if (decode > 0) series.output_tokens_per_second->Set(tokens / decode);
  series.engine_load_seconds->Increment(ToSeconds(completion.timings().engine_load()));
  series.engine_prefill_seconds->Increment(ToSeconds(completion.timings().engine_prefill()));
  series.engine_decode_seconds->Increment(decode);
}

void AnswerPacker::Add(const ChatPiece& piece) {
  if (embeds_) {
    AppendTo(vectors_, piece);
  } else {
    AppendTo(chat_, piece);
  }
}

std::string AnswerPacker::Pack(const v1::Completion& completion) {
  std::string packed(embeds_ ? kPackedVectors : kPackedChat);
  if (embeds_) {
    *vectors_.mutable_completion() = completion;
    vectors_.AppendToString(&packed);
  } else {
    *chat_.mutable_completion() = completion;
    chat_.AppendToString(&packed);
  }
  return packed;
}

std::optional<UnpackedAnswer> Unpack(std::string_view packed, bool embeds) {
  const std::string_view prefix = embeds ? kPackedVectors : kPackedChat;
  if (!packed.starts_with(prefix)) return std::nullopt;
  packed.remove_prefix(prefix.size());
  const auto size = static_cast<int>(packed.size());
  UnpackedAnswer answer;
  if (embeds) {
    v1::EmbedResponse vectors;
    if (!vectors.ParseFromArray(packed.data(), size)) return std::nullopt;
    answer.piece = PieceOf(vectors);
    answer.completion = std::move(*vectors.mutable_completion());
  } else {
    v1::GenerateResponse chat;
    if (!chat.ParseFromArray(packed.data(), size)) return std::nullopt;
    answer.piece = PieceOf(chat);
    answer.completion = std::move(*chat.mutable_completion());
  }
  answer.completion.set_source(v1::ANSWER_SOURCE_CACHE);
  answer.completion.set_attempts(0);
  return answer;
}

}  // namespace tessera::inference
