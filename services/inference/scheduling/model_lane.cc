// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/model_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/status/error.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;

// A job that outlived its prediction is taken to need this share of what it had so far again.
constexpr double kOverdueShare = 0.1;
// An answer that came while the engine was being looked at knows better than the look.
constexpr absl::Duration kLookMayBeOld = absl::Milliseconds(500);
// An engine says that it unloads before it has; its runner may take a while to die.
constexpr absl::Duration kLongestUnloading = absl::Seconds(30);

int64_t Milliseconds(absl::Duration duration) { return absl::ToInt64Milliseconds(duration); }

}  // namespace

ModelLane::ModelLane(std::string model, std::optional<uint32_t> slots, LaneLimits limits,
                     LaneSeries series, SchedulingMetrics& metrics)
    : model_(std::move(model)),
      limits_(limits),
      series_(series),
      metrics_(metrics),
      slots_(slots),
      breaker_(limits.breaker) {}

ModelLane::~ModelLane() {
  // They own themselves while they wait.
  TakeWaiting();
}

double ModelLane::WaitSeconds(double seconds_ahead, absl::Time now) const {
  const uint32_t slots = slots_.slots();
  double wait = 0;
  if (Busy() >= slots || seconds_ahead > 0 || curing_) {
    double running = 0;
    double soonest = std::numeric_limits<double>::infinity();
    const auto add = [&](double left) {
      running += left;
      soonest = std::min(soonest, left);
    };
    for (const auto& job : running_) {
      if (!job->in_slot) {
        seconds_ahead += job->cost_seconds;
        continue;
      }
      add(std::max(absl::ToDoubleSeconds(job->expected_end - now),
                   kOverdueShare * absl::ToDoubleSeconds(now - job->slot_at)));
    }
    for (const Unreleased& slot : unreleased_) add(absl::ToDoubleSeconds(slot.until - now));
    if (std::isinf(soonest)) soonest = 0;
    wait = seconds_ahead > 0 ? std::max((running + seconds_ahead) / slots, soonest)
           : Busy() >= slots ? soonest
                             : 0;
  }
  if (curing_) wait += absl::ToDoubleSeconds(rates_.load());
  if (breaker_.pause_end() > now) wait += absl::ToDoubleSeconds(breaker_.pause_end() - now);
  return wait;
}

absl::Status ModelLane::Full(absl::Duration wait, const char* what) const {
  const size_t waiting = queue_.size() - 1;  // The newcomer is in it for as long as it is judged.
  return MakeError(
      StatusCode::kResourceExhausted, "QUEUE_FULL",
      fmt::format("{}: {} requests wait for the model {}, predicted wait {:.1f} s; at most {} and "
                  "{:.0f} s are allowed",
                  what, waiting, model_, absl::ToDoubleSeconds(wait), limits_.max_queued,
                  absl::ToDoubleSeconds(limits_.max_queue_wait)),
      {.metadata = {{"queued", std::to_string(waiting)},
                    {"limitQueued", std::to_string(limits_.max_queued)},
                    {"predictedWaitMs", std::to_string(Milliseconds(wait))}},
       .retry_after = std::max(wait, absl::Milliseconds(100))});
}

absl::Status ModelLane::Unmeetable(const LaneJob& job, absl::Duration wait, absl::Time now) const {
  if (!rates_.known(job.size) || wait <= absl::ZeroDuration()) return absl::OkStatus();
  if (wait > limits_.max_queue_wait) return Full(wait, "the wait is too long");
  const absl::Duration end = EndAfter(job, wait);
  const absl::Duration work = end - wait;
  if (now + end <= job.deadline) return absl::OkStatus();
  return MakeError(
      StatusCode::kResourceExhausted, "DEADLINE_UNMEETABLE",
      fmt::format("the request would wait {:.1f} s for the model {} and then take {:.1f} s; its "
                  "deadline is in {:.1f} s",
                  absl::ToDoubleSeconds(wait), model_, absl::ToDoubleSeconds(work),
                  absl::ToDoubleSeconds(job.deadline - now)),
      {.metadata = {{"predictedWaitMs", std::to_string(Milliseconds(wait))},
                    {"predictedWorkMs", std::to_string(Milliseconds(work))},
                    {"remainingMs", std::to_string(Milliseconds(job.deadline - now))}},
       .retry_after = wait});
}

ModelLane::Admission ModelLane::Admit(const std::shared_ptr<LaneJob>& job, absl::Time now,
                                      bool anew) {
  MutexLock lock(&mutex_);
  Admission admission;
  job->enqueued_at = now;
  if (job->priority == JobPriority::kInteractive) last_interactive_ = now;
  job->predicted_wait = absl::ZeroDuration();
  if (queue_.empty() && !curing_ && TakeSlot(now)) {
    StartRunning(job, now, /*ahead=*/false);
    return admission;
  }
  admission.verdict = Verdict::kRefused;
  if (breaker_.pause_end() > now && breaker_.pause() > kPauseWorthWaiting) {
    admission.refusal = MakeError(
        StatusCode::kUnavailable, "ENGINE_UNREACHABLE",
        fmt::format("the engine failed on the model {} several times in a row; it is tried again "
                    "in {:.1f} s",
                    model_, absl::ToDoubleSeconds(breaker_.pause_end() - now)),
        {.retry_after = breaker_.pause_end() - now});
    return admission;
  }
  job->cost_seconds = std::max(absl::ToDoubleSeconds(SlotTime(*job)), 0.001);
  queue_.Push(*job, anew);
  const FairQueue::Ahead ahead = queue_.WhatIsAheadOf(*job);
  const absl::Duration wait = absl::Seconds(WaitSeconds(ahead.seconds, now));
  if (!anew) {
    admission.refusal = Unmeetable(*job, wait, now);
    if (admission.refusal.ok() && queue_.size() > limits_.max_queued) {
      QueueEntry* const victim = queue_.MostDispensable(*job);
      if (victim == nullptr) {
        admission.refusal =
            Full(absl::Seconds(WaitSeconds(queue_.backlog_seconds(), now)), "the queue is full");
      } else {
        queue_.Remove(*victim);
        admission.pushed_out = std::move(static_cast<LaneJob*>(victim)->self);
        CountQueued(*admission.pushed_out, -1);
        metrics_.pushed_out().Increment();
      }
    }
    if (!admission.refusal.ok()) {
      queue_.Remove(*job);
      return admission;
    }
  }
  job->predicted_wait = wait;
  CountQueued(*job, 1);
  if (queue_.size() == 1 && TakePlaceAhead(now)) {
    queue_.Pop();
    StartRunning(job, now, /*ahead=*/true);
    admission.verdict = Verdict::kRun;
    return admission;
  }
  admission.verdict = Verdict::kQueued;
  admission.queued = {.position = ahead.entries, .predicted_wait = wait};
  job->self = job;
  job->told_position = ahead.entries;
  job->next_notice = now + kBetweenNotices;
  return admission;
}

bool ModelLane::Withdraw(LaneJob& job) {
  MutexLock lock(&mutex_);
  if (!queue_.Remove(job)) return false;
  CountQueued(job, -1);
  job.self.reset();
  return true;
}

LaneJobs ModelLane::TakeWaiting(size_t most) {
  MutexLock lock(&mutex_);
  LaneJobs taken;
  if (queue_.empty()) return taken;
  queue_.ForEach([&](QueueEntry& entry) { taken.push_back(static_cast<LaneJob&>(entry).self); });
  if (taken.size() > most) taken.erase(taken.begin(), taken.end() - static_cast<ptrdiff_t>(most));
  for (const auto& job : taken) {
    queue_.Remove(*job);
    CountQueued(*job, -1);
    job->self.reset();
  }
  return taken;
}

LaneJobs ModelLane::Running() const {
  MutexLock lock(&mutex_);
  return running_;
}

ModelLane::Work ModelLane::EndCure(bool unloaded, absl::Time now) {
  MutexLock lock(&mutex_);
  curing_ = unload_asked_ = false;
  silent_ends_ = 0;
  ++cures_;
  unloading_until_ = now + kLongestUnloading;
  last_progress_ = now;
  loaded_ = false;
  if (!unloaded) breaker_.OnFailure(now);
  return FillSlots(now);
}

void ModelLane::OnEngineLook(bool reachable, const LoadedModel* loaded, absl::Time now) {
  MutexLock lock(&mutex_);
  if (reachable && !reachable_) breaker_.EndPause(now);
  if (!reachable && reachable_) slots_.Forget();
  reachable_ = reachable;
  if (loaded == nullptr) unloading_until_ = absl::InfinitePast();
  if (loaded != nullptr && now < unloading_until_) return;
  if (loaded != nullptr) {
    loaded_ = true;
    for (const auto& job : running_) {
      if (!job->cold || job->load_seen || job->answering) continue;
      job->load_seen = true;
      job->loaded_at = job->last_progress = now;
    }
  } else if (now - last_progress_ > kLookMayBeOld &&
             std::none_of(running_.begin(), running_.end(),
                          [](const auto& job) { return job->answering; })) {
    loaded_ = false;
  }
}

ModelLane::Outlook ModelLane::OutlookFor(const LaneJob& job, absl::Time now) const {
  MutexLock lock(&mutex_);
  Outlook outlook;
  outlook.open = breaker_.pause_end() <= now;
  outlook.opens_soon = outlook.open || breaker_.pause() <= kPauseWorthWaiting;
  outlook.loaded = loaded_;
  outlook.in_use = InUseLocked(now);
  outlook.other_options = loaded_ && runtime_key_ != job.runtime_key;
  outlook.idle_slot = queue_.empty() && !curing_ && Busy() < slots_.slots();
  const double wait = outlook.idle_slot ? 0 : WaitSeconds(queue_.backlog_seconds(), now);
  outlook.wait = absl::Seconds(wait);
  outlook.finish = EndAfter(job, outlook.wait);
  if (!loaded_) outlook.finish += rates_.load();
  return outlook;
}

bool ModelLane::InUse(absl::Time now) const {
  MutexLock lock(&mutex_);
  return InUseLocked(now);
}

bool ModelLane::InUseLocked(absl::Time now) const {
  return !running_.empty() || !queue_.empty() || now - last_used_ < kInUseFor;
}

size_t ModelLane::waiting() const {
  MutexLock lock(&mutex_);
  return queue_.size();
}

absl::Time ModelLane::breaker_pause_end() const {
  MutexLock lock(&mutex_);
  return breaker_.pause_end();
}

}  // namespace tessera::inference
