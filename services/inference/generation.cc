// SPDX-License-Identifier: Apache-2.0
#include "services/inference/generation.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "common/rpc/call_errors.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/cache/answer_cache.h"
#include "services/inference/flight_answer.h"
#include "services/inference/flight_table.h"

namespace tessera::inference {
namespace {

// A flight that others may join lives a little longer than its first rider, or nobody whose
// deadline is a moment later could go with it. Riders are cut at their own deadlines.
absl::Time FlightDeadline(absl::Time deadline, bool shared) {
  if (!shared || deadline == absl::InfiniteFuture()) return deadline;
  const absl::Duration left = deadline - absl::Now();
  return deadline + std::clamp(left / 10, absl::ZeroDuration(), absl::Seconds(5));
}

}  // namespace

Generation::Generation(InferenceContext& context, const CheckedChat& chat, std::string request_id,
                       absl::Time deadline, GenerationListener& listener)
    : context_(context),
      model_(chat.chat.model),
      request_id_(std::move(request_id)),
      deadline_(deadline),
      listener_(listener),
      series_(context.metrics.OfModel(model_, context.catalog.Latest()->Find(model_) != nullptr)),
      start_(chat.received) {}

std::shared_ptr<Generation> Generation::Start(InferenceContext& context, CheckedChat chat,
                                              std::string request_id, std::string client,
                                              absl::Time deadline, GenerationListener& listener) {
  std::shared_ptr<Generation> self(
      new Generation(context, chat, std::move(request_id), deadline, listener));
  self->Board(std::move(chat), std::move(client));
  return self;
}

std::optional<CacheKey> Generation::KeyFor(const CheckedChat& chat) const {
  if (!chat.reads_cache && !chat.writes_cache) return std::nullopt;
  const auto engine = context_.catalog.Latest();
  const ModelFacts* model = engine->Find(model_);
  if (model == nullptr || model->digest.empty()) return std::nullopt;
  if (chat.embed) return KeyOf(model->digest, *chat.embed);
  return KeyOf(model->digest, chat.chat, chat.rules.repair ? "repair" : "");
}

void Generation::Board(CheckedChat chat, std::string client) {
  const std::optional<CacheKey> key = KeyFor(chat);
  FlightTable* const flights = key ? context_.flights : nullptr;
  const bool reads = chat.reads_cache;
  const JobPriority priority = chat.priority;
  if (reads && key && LandFromCache(*key, chat.embed.has_value())) return;
  std::shared_ptr<Flight> mine;
  for (bool placed = false; !placed;) {
    std::shared_ptr<Flight> other = flights == nullptr ? nullptr : flights->Find(*key);
    if (other != nullptr && reads) {
      joined_ = true;
      flight_ = other;
      if (other->Join(shared_from_this(), deadline_, priority)) {
        if (context_.cache != nullptr) context_.cache->CountJoin();
        return;
      }
      joined_ = false;
    }
    if (mine == nullptr) {
      mine = std::make_shared<Flight>(context_, std::move(chat), std::move(client),
                                      FlightDeadline(deadline_, key.has_value()), key);
    }
    placed = flights == nullptr || flights->Replace(other, mine);
  }
  flight_ = mine;
  mine->Depart(shared_from_this());
}

bool Generation::LandFromCache(const CacheKey& key, bool embeds) {
  if (context_.cache == nullptr) return false;
  const std::shared_ptr<const std::string> packed = context_.cache->InMemory(key);
  if (packed == nullptr) return false;
  std::optional<UnpackedAnswer> answer = Unpack(*packed, embeds);
  if (!answer) return false;
  if (const absl::Status status = OnPiece(answer->piece->view()); !status.ok()) {
    OnLanding(status);
  } else {
    OnLanding(answer->completion);
  }
  return true;
}

void Generation::Cancel() {
  if (flight_ != nullptr) flight_->Leave(*this, AbandonedError(deadline_));
}

void Generation::OnPhase(const Phase& phase) {
  if (std::holds_alternative<RetryingPhase>(phase)) time_to_first_piece_ = absl::InfiniteDuration();
  listener_.OnPhase(phase);
}

absl::Status Generation::OnPiece(const ChatPiece& piece) {
  if (time_to_first_piece_ == absl::InfiniteDuration()) time_to_first_piece_ = absl::Now() - start_;
  return listener_.OnPiece(piece);
}

void Generation::OnLanding(const absl::StatusOr<v1::Completion>& landed) {
  const absl::Duration total = absl::Now() - start_;
  absl::StatusOr<v1::Completion> completion = Complete(landed, total);
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

absl::StatusOr<v1::Completion> Generation::Complete(const absl::StatusOr<v1::Completion>& landed,
                                                    absl::Duration total) {
  // The limit of the engine's call is the deadline of ours: which of the two ended it is chance.
  if ((absl::IsDeadlineExceeded(landed.status()) || absl::IsCancelled(landed.status())) &&
      absl::Now() >= deadline_) {
    return AbandonedError(deadline_);
  }
  TESSERA_RETURN_IF_ERROR(landed.status());
  v1::Completion completion = *landed;
  completion.set_model(model_);
  completion.set_request_id(request_id_);
  const bool cached = completion.source() == v1::ANSWER_SOURCE_CACHE;
  if (joined_ && !cached) completion.set_source(v1::ANSWER_SOURCE_JOINED);
  SetTimes(completion, total, cached ? absl::InfiniteDuration() : time_to_first_piece_);
  return completion;
}

void Generation::Count(const absl::StatusOr<v1::Completion>& completion, absl::Duration total) {
  series_.request_duration->Observe(absl::ToDoubleSeconds(total));
  if (!completion.ok()) {
    context_.metrics.CountError(completion.status());
    return;
  }
  if (time_to_first_piece_ == absl::InfiniteDuration()) return;
  series_.time_to_first_token->Observe(absl::ToDoubleSeconds(time_to_first_piece_));
  const double tokens = completion->usage().output_tokens();
  if (tokens > 1) {
    series_.time_per_output_token->Observe(absl::ToDoubleSeconds(total - time_to_first_piece_) /
                                           (tokens - 1));
  }
}

}  // namespace tessera::inference
