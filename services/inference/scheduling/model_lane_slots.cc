// SPDX-License-Identifier: Apache-2.0
//
// The part of ModelLane that gives slots and takes them back.
#include <algorithm>

#include "services/inference/scheduling/hand_ahead.h"
#include "services/inference/scheduling/model_lane.h"

namespace tessera::inference {
namespace {

// The last pieces of an answer may be heard after the first one of the next, on another connection.
constexpr uint32_t kPiecesOfProof = 2;
// Prompt processing that goes on after a cancellation is waited for no longer than this.
constexpr absl::Duration kLongestUnreleased = absl::Seconds(10);

}  // namespace

bool ModelLane::TakeSlot(absl::Time now) {
  // In this order: an experiment or a probe begins only with a job that really goes.
  return breaker_.WouldAdmit(now) && slots_.Admit(Busy(), now) && breaker_.Admit(now);
}

uint32_t ModelLane::HandedAhead() const {
  return static_cast<uint32_t>(std::count_if(running_.begin(), running_.end(),
                                             [](const auto& job) { return !job->in_slot; }));
}

bool ModelLane::HasSlot(const LaneJob& job) const {
  MutexLock lock(&mutex_);
  return job.in_slot;
}

bool ModelLane::IsBystander(const LaneJob& job) const {
  MutexLock lock(&mutex_);
  return !job.in_slot || job.beside_fault;
}

absl::Duration ModelLane::LeadOf(const LaneJob& job, const JobPrediction& predicted) const {
  // With other options it would have to wait until nobody uses the model.
  if (!limits_.hand_ahead || !job.may_go_ahead || job.runtime_key != runtime_key_) {
    return absl::ZeroDuration();
  }
  return LeadBeforeSlot(predicted);
}

absl::Duration ModelLane::HiddenLoad(const LaneJob& job, const JobPrediction& predicted) const {
  return LeadOf(job, predicted) > absl::ZeroDuration() ? predicted.warm_load : absl::ZeroDuration();
}

absl::Duration ModelLane::SlotTime(const LaneJob& job) const {
  const bool reloads = loaded_ && job.runtime_key != runtime_key_;
  const JobPrediction predicted = rates_.Predict(job.size);
  return predicted.total - HiddenLoad(job, predicted) +
         (reloads ? rates_.load() : absl::ZeroDuration());
}

absl::Duration ModelLane::EndAfter(const LaneJob& job, absl::Duration wait) const {
  return std::max(wait, HiddenLoad(job, rates_.Predict(job.size))) + SlotTime(job);
}

bool ModelLane::TakePlaceAhead(absl::Time now) {
  const auto* const next = static_cast<const LaneJob*>(queue_.Next());
  if (curing_ || !loaded_ || next == nullptr || !rates_.known(next->size) ||
      // Those who are in no hurry shall not be in the way of those who are.
      (next->priority == JobPriority::kBatch && now - last_interactive_ < kInUseFor) ||
      breaker_.state(now) != CircuitBreaker::State::kClosed) {
    return false;
  }
  const absl::Duration lead = LeadOf(*next, rates_.Predict(next->size));
  const uint32_t handed_ahead = HandedAhead();
  // While an experiment runs there is one more than slots.
  if (lead <= absl::ZeroDuration() || Busy() - handed_ahead != slots_.slots()) return false;
  std::vector<absl::Time> ends;
  for (const auto& job : running_) {
    if (job->in_slot) ends.push_back(job->expected_end);
  }
  for (const Unreleased& slot : unreleased_) ends.push_back(slot.until);
  std::erase_if(left_ahead_, [&](absl::Time until) { return until <= now; });
  const size_t taken = handed_ahead + left_ahead_.size();
  if (taken >= ends.size()) return false;
  // Those that were handed ahead before have the slots that will be free before.
  std::nth_element(ends.begin(), ends.begin() + static_cast<ptrdiff_t>(taken), ends.end());
  return ends[taken] - now <= lead && breaker_.Admit(now);
}

void ModelLane::CountQueued(const LaneJob& job, int change) {
  series_.queued[static_cast<int>(job.priority)]->Increment(change);
}

void ModelLane::StartRunning(const std::shared_ptr<LaneJob>& job, absl::Time now, bool ahead) {
  job->started_at = now;
  job->waited = now - job->enqueued_at;
  job->cold = !loaded_;
  job->load_seen = false;
  job->prefill_told = job->answering = job->given_up = false;
  job->first_token_at = job->loaded_at = absl::InfiniteFuture();
  job->pieces.store(0, std::memory_order_relaxed);
  job->pieces_seen = 0;
  job->reloads = loaded_ && runtime_key_ != job->runtime_key;
  job->expected_load = job->cold || job->reloads ? rates_.load() : absl::ZeroDuration();
  job->handed_ahead = ahead;
  job->in_slot = job->first_token_ahead = job->beside_fault = false;
  if (job->reloads) metrics_.reloads().Increment();
  runtime_key_ = job->runtime_key;
  last_used_ = now;
  running_.push_back(job);
  if (job->cold) series_.loads->Increment();
  if (!ahead) return Seat(*job, now);
  series_.handed_ahead->Increment();
}

void ModelLane::Seat(LaneJob& job, absl::Time now) {
  job.in_slot = true;
  if (job.handed_ahead) CountQueued(job, -1);
  job.slot_at = job.last_progress = now;
  job.waited = now - job.enqueued_at;
  const JobPrediction predicted = rates_.Predict(job.size);
  const absl::Time loaded = std::max(now, job.started_at + job.expected_load + predicted.warm_load);
  job.expected_first_token = loaded + predicted.first_token - predicted.warm_load;
  job.expected_end = loaded + predicted.in_slot();
  series_.slots_busy->Set(running_.size() - HandedAhead());
  series_.queue_wait[static_cast<int>(job.priority)]->Observe(absl::ToDoubleSeconds(job.waited));
  if (job.predicted_wait > absl::ZeroDuration() || job.waited > absl::ZeroDuration()) {
    series_.queue_wait_error->Observe(
        absl::ToDoubleSeconds(absl::AbsDuration(job.waited - job.predicted_wait)));
    metrics_.stage_seconds(JobStage::kQueued).Observe(absl::ToDoubleSeconds(job.waited));
  }
}

void ModelLane::SeatLate(LaneJob& job, absl::Time now) {
  if (job.in_slot) return;
  Seat(job, now);
  job.first_token_ahead = true;
}

void ModelLane::SeatHandedAhead(absl::Time now) {
  uint32_t in_slots = Busy() - HandedAhead();
  for (const auto& job : running_) {
    if (in_slots >= slots_.slots()) return;
    if (job->in_slot) continue;
    Seat(*job, now);
    ++in_slots;
  }
}

ModelLane::Work ModelLane::FillSlots(absl::Time now) {
  Work work;
  SeatHandedAhead(now);
  while (!curing_ && !queue_.empty()) {
    const bool slot = TakeSlot(now);
    if (!slot && !TakePlaceAhead(now)) break;
    auto* const next = static_cast<LaneJob*>(queue_.Pop());
    std::shared_ptr<LaneJob> job = std::move(next->self);
    // One that is ahead waits on, though elsewhere.
    if (slot) CountQueued(*job, -1);
    StartRunning(job, now, /*ahead=*/!slot);
    work.granted.push_back(std::move(job));
  }
  if (curing_ && running_.empty() && !unload_asked_) work.unload = unload_asked_ = true;
  return work;
}

void ModelLane::OnFirstToken(LaneJob& job, absl::Time now) {
  MutexLock lock(&mutex_);
  // The end of the one before it is still on its way, or there are more slots than are known of.
  SeatLate(job, now);
  job.answering = true;
  job.beside_fault = false;
  job.first_token_at = job.last_progress = last_progress_ = now;
  silent_ends_ = cures_ = 0;
  // It knows better than the last look at the engine.
  loaded_ = true;
  breaker_.OnSuccess();
  NoteOverlap();
  const JobPrediction predicted = rates_.Predict(job.size);
  job.expected_end = now + predicted.total - predicted.first_token;
  const absl::Time prefill_from = job.cold ? std::min(job.loaded_at, now) : job.slot_at;
  if (job.cold) {
    metrics_.stage_seconds(JobStage::kLoading)
        .Observe(absl::ToDoubleSeconds(prefill_from - job.started_at));
  }
  metrics_.stage_seconds(JobStage::kPrefill).Observe(absl::ToDoubleSeconds(now - prefill_from));
}

void ModelLane::NoteOverlap() {
  const auto answering = static_cast<uint32_t>(std::count_if(
      running_.begin(), running_.end(), [](const auto& job) { return job->answering; }));
  if (answering <= slots_.slots()) return;
  overlap_ = answering;
  for (const auto& job : running_) job->pieces_at_overlap = job->pieces.load();
}

void ModelLane::ProveOverlap() {
  if (overlap_ == 0) return;
  const auto going_on = std::count_if(running_.begin(), running_.end(), [](const auto& job) {
    return job->answering && job->pieces.load() - job->pieces_at_overlap >= kPiecesOfProof;
  });
  if (going_on < overlap_) return;
  slots_.OnOverlap(overlap_);
  overlap_ = 0;
}

ModelLane::Work ModelLane::Finish(LaneJob& job, const End& end, absl::Time now) {
  MutexLock lock(&mutex_);
  // Where one was handed ahead it begins as the other ends, and both are heard at once after a
  // pause: only what goes on later, when nothing ends, proves anything.
  if (std::none_of(running_.begin(), running_.end(),
                   [](const auto& other) { return other->first_token_ahead; })) {
    ProveOverlap();
  }
  overlap_ = 0;
  switch (end.kind) {
    case EndKind::kAnswered:
      SeatLate(job, now);
      breaker_.OnSuccess();
      LearnRates(job, end.timing);
      loaded_ = true;
      last_progress_ = now;
      if (job.cold) series_.load_seconds->Observe(absl::ToDoubleSeconds(end.timing.engine_load));
      if (job.answering) {
        metrics_.stage_seconds(JobStage::kDecode)
            .Observe(absl::ToDoubleSeconds(now - job.first_token_at));
      }
      break;
    case EndKind::kRequestsFault:
      breaker_.OnSuccess();
      last_progress_ = now;
      break;
    case EndKind::kEnginesFault: {
      for (const auto& other : running_) other->beside_fault |= !other->in_slot;
      const bool was_open = breaker_.state(now) == CircuitBreaker::State::kOpen;
      breaker_.OnFailure(now);
      if (!was_open && breaker_.state(now) == CircuitBreaker::State::kOpen) {
        series_.breaker_opened->Increment();
      }
      break;
    }
    case EndKind::kCancelled:
    case EndKind::kNeverSent:
      breaker_.OnNoVerdict();
      break;
  }
  NoteSilentEnd(job, end, now);
  slots_.OnEnd(now);
  Release(job, end, now);
  return FillSlots(now);
}

void ModelLane::LearnRates(const LaneJob& job, JobTiming timing) {
  timing.cold |= job.reloads;
  if (!job.first_token_ahead) {
    timing.before_slot = job.slot_at - job.started_at;
  } else {
    timing.before_slot.reset();
  }
  rates_.Learn(timing);
}

void ModelLane::NoteSilentEnd(const LaneJob& job, const End& end, absl::Time now) {
  if (end.kind == EndKind::kAnswered || end.kind == EndKind::kRequestsFault || job.answering) {
    silent_ends_ = 0;
  } else if (end.kind != EndKind::kNeverSent && job.in_slot && !IsLoading(job) && reachable_ &&
             now - job.last_progress > AllowedSilence(job)) {
    ++silent_ends_;
  }
}

void ModelLane::Release(const LaneJob& job, const End& end, absl::Time now) {
  std::erase_if(running_, [&](const auto& other) { return other.get() == &job; });
  last_used_ = now;
  if (!job.in_slot) {
    CountQueued(job, -1);
    if (end.kind == EndKind::kCancelled) {
      left_ahead_.push_back(job.started_at + rates_.Predict(job.size).warm_load);
    }
  }
  series_.slots_busy->Set(running_.size() - HandedAhead());
  if (end.kind != EndKind::kCancelled) return;
  const absl::Time cancelled_at = std::min(end.cancelled_at, now);
  // The engine notices that nobody listens when the prompt is read, not before. Loading it stops,
  // and so does waiting for a slot.
  const bool reading = job.in_slot && !job.answering && (!job.cold || job.load_seen);
  const absl::Time until = std::min(job.expected_first_token, now + kLongestUnreleased);
  if (reading && until > now) {
    unreleased_.push_back({.until = until, .cancelled_at = cancelled_at});
    series_.slots_unreleased->Set(static_cast<double>(unreleased_.size()));
  } else {
    metrics_.cancel_to_release().Observe(absl::ToDoubleSeconds(now - cancelled_at));
  }
}

}  // namespace tessera::inference
