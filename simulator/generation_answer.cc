// SPDX-License-Identifier: Apache-2.0
//
// The part of a generation that speaks: pieces at their pace, then the end with its metrics.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "simulator/generation.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

// Lines said without a pause before other connections get their turn.
constexpr int kBurstLines = 64;

// The counters of the engine have microseconds; what happened at all took at least one.
int64_t EngineNanos(SteadyDuration elapsed) {
  return std::max<int64_t>(elapsed.count() / 1000, 1) * 1000;
}

}  // namespace

void Generation::BeginAnswer() {
  in_prompt_ = false;
  answer_started_ = std::chrono::steady_clock::now();
  next_due_ = answer_started_;
  if (plan_.request.stream) {
    SayPieces();
    return;
  }
  if (plan_.answer.endless ||
      (plan_.script.fault && plan_.script.fault->kind == Fault::Kind::kEndless)) {
    return;
  }
  for (const Piece& piece : plan_.answer.pieces) {
    next_due_ += PauseAfter(piece);
  }
  if (next_due_ == answer_started_) {
    AnswerInOnePiece();
  } else {
    After(next_due_, &Generation::AnswerInOnePiece);
  }
}

const Piece* Generation::NextPiece() {
  const auto& pieces = plan_.answer.pieces;
  if (next_piece_ < pieces.size()) {
    return &pieces[next_piece_];
  }
  if (!plan_.answer.endless) {
    return nullptr;
  }
  filler_.text = std::string(FillerPiece(static_cast<int>(next_piece_ % 1024)));
  return &filler_;
}

void Generation::SayPieces() {
  for (int burst = 0;; ++burst) {
    if (FaultTakesOver()) {
      return;
    }
    if (exchange_->AboveHighWater()) {
      blocked_ = true;
      return;
    }
    const Piece* piece = NextPiece();
    if (piece == nullptr) {
      break;
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    if (next_due_ > now || burst == kBurstLines) {
      After(std::max(next_due_, now), &Generation::SayPieces);
      return;
    }
    SayPiece(*piece);
    next_due_ += PauseAfter(*piece);
    ++next_piece_;
  }
  Finish();
}

void Generation::SayPiece(const Piece& piece) {
  LineContent content;
  (piece.is_thinking ? content.thinking : content.text) = piece.text;
  std::string stamp;
  if (plan_.script.stamp) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    stamp = Concat("@", std::to_string(std::chrono::nanoseconds(now).count()), "@");
    content.text = stamp;
  }
  content.unknown_fields = plan_.script.unknown_fields;
  std::string logprobs;
  if (plan_.request.logprobs) {
    logprobs = Concat("[", RenderLogprobs(piece, plan_.request.top_logprobs), "]");
    content.logprobs_json = logprobs;
  }
  tokens_ += piece.tokens;
  Send(content, nullptr, piece.tokens);
}

void Generation::Finish() {
  if (!plan_.answer.tool_calls.empty()) {
    LineContent content;
    content.tool_calls = &plan_.answer.tool_calls;
    Send(content, nullptr, 0);
  }
  const LineEnd end = MakeEnd(/*done=*/true);
  // The slot is free before the client can send its next request.
  ReleaseSlot(/*wedged=*/false);
  Send({}, &end, 0);
  exchange_->EndStream();
}

void Generation::AnswerInOnePiece() {
  std::string text, thinking, logprobs;
  for (const Piece& piece : plan_.answer.pieces) {
    (piece.is_thinking ? thinking : text) += piece.text;
    tokens_ += piece.tokens;
    if (plan_.request.logprobs) {
      Append(logprobs, logprobs.empty() ? "[" : ",",
             RenderLogprobs(piece, plan_.request.top_logprobs));
    }
  }
  if (!logprobs.empty()) {
    logprobs += ']';
  }
  const bool done = !plan_.script.fault || plan_.script.fault->kind != Fault::Kind::kClose;
  const LineEnd end = MakeEnd(done);
  const LineContent content{.text = text,
                            .thinking = thinking,
                            .tool_calls = &plan_.answer.tool_calls,
                            .logprobs_json = logprobs};
  const std::string body = RenderLine(plan_.request.is_chat, plan_.request.model, content, &end);
  if (plan_.script.fault && PlayFaultInOnePiece(body)) {
    return;
  }
  ReleaseSlot(/*wedged=*/false);
  exchange_->Record([&](RequestRecord& record, Counters& counters) {
    record.tokens_sent = tokens_;
    counters.tokens_sent += static_cast<uint64_t>(tokens_);
  });
  exchange_->ReplyJson(body);
}

LineEnd Generation::MakeEnd(bool done) const {
  LineEnd end;
  end.done = done;
  if (!done) {
    return end;
  }
  const SteadyTime now = std::chrono::steady_clock::now();
  end.done_reason = plan_.answer.done_reason;
  end.total_duration_ns = (now - exchange_->received()).count();
  end.load_duration_ns = absl::ToInt64Nanoseconds(load_duration_);
  end.prompt_eval_count = prompt_tokens_;
  end.prompt_eval_duration_ns = EngineNanos(answer_started_ - prompt_started_);
  const int calls = plan_.answer.tool_calls.empty() ? 0 : 12;
  end.eval_count = tokens_ + calls;
  end.eval_duration_ns = end.eval_count > 0 ? EngineNanos(now - answer_started_) : 0;
  if (!plan_.request.is_chat && !plan_.request.raw) {
    end.context_tokens = plan_.request.words + tokens_;
  }
  return end;
}

void Generation::Send(const LineContent& content, const LineEnd* end, int tokens) {
  std::string line = RenderLine(plan_.request.is_chat, plan_.request.model, content, end);
  line += '\n';
  ++lines_;
  exchange_->SendLine(line, tokens);
}

SteadyDuration Generation::PauseAfter(const Piece& piece) {
  SteadyDuration pause = SteadyDuration::zero();
  const double rate = plan_.script.rate.value_or(plan_.model->spec.decode_tokens_per_second);
  if (rate > 0) {
    pause = SteadyDuration(static_cast<int64_t>(piece.tokens / rate * 1e9));
  }
  if (plan_.script.pause > absl::ZeroDuration()) {
    pause += Jittered(plan_.script.pause);
  }
  return pause;
}

SteadyDuration Generation::Jittered(absl::Duration pause) {
  const absl::Duration jitter = plan_.script.jitter;
  if (jitter > absl::ZeroDuration()) {
    const double part = std::uniform_real_distribution<double>(-1, 1)(random_);
    pause = std::max(absl::ZeroDuration(), pause + jitter * part);
  }
  return absl::ToChronoNanoseconds(pause);
}

}  // namespace tessera::simulator
