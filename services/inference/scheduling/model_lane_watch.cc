// SPDX-License-Identifier: Apache-2.0
//
// The part of ModelLane that time drives: limits of phases, positions, wedges.
#include <fmt/format.h>

#include <algorithm>

#include "common/status/error.h"
#include "services/inference/scheduling/model_lane.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;

// Of the predicted time to the first token, beside the silence that is allowed anyway.
constexpr int kPatience = 2;
constexpr int kMostDoublings = 4;
// Times the silence that is allowed while others wait. A single request harms nobody, so a wrong
// prediction may explain it for longer.
constexpr int kPatienceWithOne = 3;
// So many tries in a row that ended without a sign are a wedge even if nobody waits at the moment.
constexpr int kSilentEndsOfAWedge = 2;

}  // namespace

ModelLane::Look ModelLane::Tick(absl::Time now) {
  MutexLock lock(&mutex_);
  Look look;
  std::erase_if(unreleased_, [&](const Unreleased& slot) {
    if (slot.until > now) return false;
    metrics_.cancel_to_release().Observe(absl::ToDoubleSeconds(now - slot.cancelled_at));
    return true;
  });
  ProveOverlap();
  CollectWaiting(look, now);
  CollectRunning(look, now);
  if (!curing_ && IsWedged(now)) BeginCure();
  if (curing_) {
    // At every look: one that is being started may not have heard it.
    for (const auto& job : running_) look.stuck.emplace_back(job, Wedged());
  }
  look.work = FillSlots(now);
  ShowState(now);
  return look;
}

void ModelLane::CollectWaiting(Look& look, absl::Time now) {
  if (queue_.empty()) return;
  uint32_t position = 0;
  double ahead = 0;
  // Batch comes last here, but for its tenth: it may only go sooner than it is told.
  queue_.ForEach([&](QueueEntry& entry) {
    auto& job = static_cast<LaneJob&>(entry);
    if (now >= job.deadline) {
      look.expired.push_back(job.self);
    } else if (now >= job.next_notice && job.told_position != position) {
      job.told_position = position;
      job.next_notice = now + kBetweenNotices;
      look.moved.emplace_back(
          job.self, QueuedPhase{.position = position,
                                .predicted_wait = absl::Seconds(WaitSeconds(ahead, now))});
    }
    ++position;
    ahead += entry.cost_seconds;
  });
  for (const auto& job : look.expired) {
    queue_.Remove(*job);
    CountQueued(*job, -1);
    job->self.reset();
  }
}

void ModelLane::CollectRunning(Look& look, absl::Time now) {
  for (const auto& job : running_) {
    if (const uint32_t pieces = job->pieces.load(std::memory_order_relaxed);
        pieces != job->pieces_seen) {
      job->pieces_seen = pieces;
      job->last_progress = last_progress_ = now;
    }
    const bool begins = job->load_seen || (job->handed_ahead && job->in_slot);
    if (begins && !job->prefill_told && !job->answering) {
      job->prefill_told = true;
      look.prefilling.push_back(job);
    }
    if (job->given_up) continue;
    if (absl::Status passed = LimitPassed(*job, now); !passed.ok()) {
      job->given_up = true;
      look.stuck.emplace_back(job, std::move(passed));
    }
  }
}

absl::Status ModelLane::LimitPassed(const LaneJob& job, absl::Time now) const {
  // Without a slot it waits for others, who have limits of their own.
  if (job.answering || !job.in_slot) return absl::OkStatus();
  const bool loading = job.cold && !job.load_seen;
  const absl::Duration limit = loading ? limits_.load_timeout : limits_.first_token_timeout;
  const absl::Time since = job.load_seen ? job.loaded_at : job.slot_at;
  if (now - since < limit) return absl::OkStatus();
  return MakeError(StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT",
                   loading ? fmt::format("the engine did not load the model {} within {:.1f} s",
                                         model_, absl::ToDoubleSeconds(limit))
                           : fmt::format("the model {} gave no first token within {:.1f} s", model_,
                                         absl::ToDoubleSeconds(limit)),
                   {.metadata = {{"phase", loading ? "loading" : "prefill"},
                                 {"limitMs", std::to_string(absl::ToInt64Milliseconds(limit))}}});
}

absl::Duration ModelLane::AllowedSilence(const LaneJob& job) const {
  // Where nothing was learnt yet, slowness cannot be told from silence: a first picture on a CPU.
  if (!rates_.known(job.size)) return std::max(limits_.wedge_silence, limits_.first_token_timeout);
  const absl::Duration patience =
      limits_.wedge_silence + kPatience * (job.expected_first_token - job.slot_at);
  // What a cure did not help may need time rather than another one.
  return patience * (1 << std::min(cures_, kMostDoublings));
}

bool ModelLane::IsWedged(absl::Time now) const {
  if (!reachable_) return false;
  if (silent_ends_ >= kSilentEndsOfAWedge) return true;
  if (running_.size() == HandedAhead()) return false;
  const int patience = queue_.empty() && running_.size() == 1 ? kPatienceWithOne : 1;
  return std::all_of(running_.begin(), running_.end(), [&](const auto& job) {
    return !job->in_slot ||
           (!IsLoading(*job) && now - job->last_progress > patience * AllowedSilence(*job));
  });
}

absl::Status ModelLane::Wedged() const {
  return MakeError(StatusCode::kUnavailable, "ENGINE_WEDGED",
                   fmt::format("the model {} accepts requests and answers none; it is being "
                               "unloaded and loaded again",
                               model_));
}

void ModelLane::BeginCure() {
  curing_ = true;
  series_.wedges->Increment();
  for (const auto& job : running_) job->given_up = true;
}

void ModelLane::ShowState(absl::Time now) {
  series_.slots->Set(slots_.slots());
  series_.slots_unreleased->Set(static_cast<double>(unreleased_.size()));
  series_.loaded->Set(loaded_ ? 1 : 0);
  series_.prefill_rate->Set(rates_.prefill_tokens_per_second());
  series_.decode_rate->Set(rates_.decode_tokens_per_second());
  switch (breaker_.state(now)) {
    case CircuitBreaker::State::kClosed:
      series_.breaker_state->Set(0);
      break;
    case CircuitBreaker::State::kHalfOpen:
      series_.breaker_state->Set(1);
      break;
    case CircuitBreaker::State::kOpen:
      series_.breaker_state->Set(2);
      break;
  }
}

}  // namespace tessera::inference
