// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/queueing_dispatcher.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "common/logging/log.h"
#include "common/status/error.h"
#include "services/inference/scheduling/context_check.h"
#include "services/inference/scheduling/dispatched_chat.h"
#include "services/inference/scheduling/placement.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;

DispatchedChat& Chat(const std::shared_ptr<LaneJob>& job) {
  return static_cast<DispatchedChat&>(*job);
}

// Splitmix64: placement needs variety, not secrets.
uint64_t Scramble(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

absl::Status Draining() {
  return MakeError(StatusCode::kUnavailable, "DRAINING", "the server is shutting down");
}

}  // namespace

QueueingDispatcher::QueueingDispatcher(std::vector<Backend*> backends, WorkerPool& pool,
                                       SchedulingMetrics& metrics, const Clock& clock,
                                       Options options)
    : backends_(std::move(backends)),
      metrics_(metrics),
      clock_(clock),
      options_(options),
      services_{.pool = pool,
                .metrics = metrics,
                .clock = clock,
                .max_retries = options.max_retries,
                .first_backoff = options.first_backoff} {
  if (options_.tick > absl::ZeroDuration()) ticker_ = std::thread([this] { RunTicks(); });
}

QueueingDispatcher::~QueueingDispatcher() {
  {
    MutexLock lock(&mutex_);
    closing_ = true;
    changed_.SignalAll();
  }
  if (ticker_.joinable()) ticker_.join();
  EndEverything();
}

void QueueingDispatcher::EndEverything() {
  // A retry may have been on its way while others were being ended, so more than one round.
  while (true) {
    std::vector<std::shared_ptr<DispatchedChat>> delayed;
    {
      MutexLock lock(&mutex_);
      for (auto& [when, chat] : delayed_) delayed.push_back(std::move(chat));
      delayed_.clear();
    }
    for (const auto& chat : delayed) chat->Refuse(Draining());
    for (Backend* backend : backends_) {
      for (ModelLane* lane : backend->lanes()) {
        for (const auto& job : lane->TakeWaiting()) Chat(job).Refuse(Draining());
        for (const auto& job : lane->Running()) Chat(job).Cancel();
      }
    }
    MutexLock lock(&mutex_);
    if (jobs_ == 0 && cures_ == 0) return;
    changed_.WaitFor(&mutex_, absl::Milliseconds(20));
  }
}

std::shared_ptr<ChatHandle> QueueingDispatcher::Submit(ChatJob job,
                                                       std::shared_ptr<DispatchObserver> observer) {
  const size_t bytes = job.bytes;
  auto chat =
      std::make_shared<DispatchedChat>(std::move(job), std::move(observer), services_, *this);
  ++jobs_;
  metrics_.jobs().Increment();
  if (AcquireBytes(bytes)) {
    chat->Begin();
  } else {
    chat->Refuse(MakeError(
        StatusCode::kResourceExhausted, "QUEUE_FULL",
        fmt::format("the requests that wait and run hold {} bytes; with {} more they would exceed "
                    "the limit of {}",
                    held_bytes_ - bytes, bytes, options_.max_held_bytes),
        {.metadata = {{"bytes", std::to_string(bytes)},
                      {"limitBytes", std::to_string(options_.max_held_bytes)}},
         .retry_after = absl::Seconds(1)}));
  }
  return chat;
}

bool QueueingDispatcher::AcquireBytes(size_t bytes) {
  // Given back at the end, admitted or not.
  const size_t before = held_bytes_.fetch_add(bytes);
  metrics_.held_bytes().Set(static_cast<double>(before + bytes));
  // One that alone is over the limit is let in when nothing else is held.
  return before == 0 || before + bytes <= options_.max_held_bytes;
}

void QueueingDispatcher::OnJobEnd(size_t bytes) {
  const size_t before = held_bytes_.fetch_sub(bytes);
  metrics_.held_bytes().Set(static_cast<double>(before - bytes));
  metrics_.jobs().Decrement();
  // Whoever ends the dispatcher waits for this, so it comes last.
  --jobs_;
}

bool QueueingDispatcher::HasUntried(const DispatchedChat& chat) {
  const absl::Time now = clock_.Now();
  return std::any_of(backends_.begin(), backends_.end(), [&](Backend* backend) {
    if (chat.WasTriedOn(backend->number()) || backend->IsSuspect(now)) return false;
    const auto snapshot = backend->snapshot();
    return snapshot->reachable && snapshot->Find(chat.job().model) != nullptr &&
           backend->LaneOf(chat.job().model, *snapshot).breaker_pause_end() <= now;
  });
}

std::vector<size_t> QueueingDispatcher::Order(const DispatchedChat& chat, absl::Time now) {
  if (backends_.size() == 1) return {0};
  std::vector<PlacementChoice> choices;
  std::vector<size_t> open;
  std::vector<size_t> paused;
  for (size_t i = 0; i < backends_.size(); ++i) {
    Backend& backend = *backends_[i];
    const auto snapshot = backend.snapshot();
    const ModelFacts* const facts = snapshot->Find(chat.job().model);
    const ModelLane::Outlook outlook =
        backend.LaneOf(chat.job().model, *snapshot).OutlookFor(chat, now);
    if (!outlook.open) {
      if (outlook.opens_soon) paused.push_back(i);
      continue;
    }
    open.push_back(i);
    choices.push_back(
        {.has_model = facts != nullptr || !snapshot->reachable,
         .reachable = snapshot->reachable,
         .suspect = backend.IsSuspect(now),
         .tried = chat.WasTriedOn(backend.number()),
         .warm = outlook.loaded && !outlook.other_options,
         .displaces = outlook.other_options
                          ? outlook.in_use
                          : !outlook.loaded && backend.WouldDisplace(facts, *snapshot, now),
         .finish = outlook.finish});
  }
  const Placement placement =
      Place(choices, Scramble(random_.fetch_add(0x9e3779b97f4a7c15, std::memory_order_relaxed)));
  if (placement.reload_avoided) metrics_.reloads_avoided().Increment();
  std::vector<size_t> order;
  for (const size_t i : placement.order) order.push_back(open[i]);
  return order.empty() ? paused : order;
}

absl::Status QueueingDispatcher::Route(const std::shared_ptr<DispatchedChat>& chat, bool anew) {
  const absl::Time now = clock_.Now();
  const ChatJob& job = chat->job();
  absl::Status refusal;
  for (const size_t i : Order(*chat, now)) {
    Backend& backend = *backends_[i];
    const auto snapshot = backend.snapshot();
    const ModelFacts* const facts = job.pictures.empty() ? nullptr : snapshot->Find(job.model);
    absl::Status status = CheckBeforeSending(job, *snapshot, facts);
    if (status.ok()) {
      ModelLane& lane = backend.LaneOf(job.model, *snapshot);
      chat->Approach(backend, lane, job.text_tokens + PictureTokens(job, *snapshot, facts));
      ModelLane::Admission admission = lane.Admit(chat, now, anew);
      if (admission.pushed_out != nullptr) {
        Chat(admission.pushed_out)
            .Refuse(MakeError(StatusCode::kResourceExhausted, "QUEUE_FULL",
                              "the queue is full, and this request made room for one of a client "
                              "that has fewer in it",
                              {.retry_after = admission.pushed_out->predicted_wait}));
      }
      switch (admission.verdict) {
        case ModelLane::Verdict::kRun:
          chat->Run();
          return absl::OkStatus();
        case ModelLane::Verdict::kQueued:
          chat->Wait(admission.queued);
          return absl::OkStatus();
        case ModelLane::Verdict::kRefused:
          status = std::move(admission.refusal);
      }
    }
    // Of the best place.
    if (refusal.ok()) refusal = std::move(status);
  }
  if (!refusal.ok()) return refusal;
  absl::Time next = absl::InfiniteFuture();
  for (Backend* backend : backends_) {
    next = std::min(next, backend->LaneOf(job.model, *backend->snapshot()).breaker_pause_end());
  }
  return MakeError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE",
                   fmt::format("all {} engines failed several times in a row; the next is tried "
                               "again in {:.1f} s",
                               backends_.size(), absl::ToDoubleSeconds(next - now)),
                   {.retry_after = std::max(next - now, absl::Milliseconds(100))});
}

void QueueingDispatcher::Carry(Backend& backend, ModelLane& lane, ModelLane::Work work) {
  for (const auto& job : work.granted) Chat(job).Run();
  if (work.unload) Cure(backend, lane);
}

void QueueingDispatcher::Cure(Backend& backend, ModelLane& lane) {
  LogWarning("a model answers nobody any more: unloading it",
             {{"backend", backend.name()}, {"model", lane.model()}});
  const auto snapshot = backend.snapshot();
  const ModelFacts* const facts = snapshot->Find(lane.model());
  const bool embeds = facts != nullptr && facts->Can("embedding") && !facts->Can("completion");
  ++cures_;
  backend.memory().Unload(
      facts == nullptr ? lane.model() : facts->name, embeds, options_.unload_timeout,
      [this, &backend, &lane](const absl::Status& status) {
        LogInfo("unloading is over", {{"backend", backend.name()},
                                      {"model", lane.model()},
                                      {"error", std::string(status.message())}});
        Carry(backend, lane, lane.EndCure(status.ok(), clock_.Now()));
        --cures_;
      });
}

void QueueingDispatcher::RouteLater(std::shared_ptr<DispatchedChat> chat, absl::Time when) {
  MutexLock lock(&mutex_);
  delayed_.emplace(when, std::move(chat));
}

void QueueingDispatcher::Tick() {
  const absl::Time now = clock_.Now();
  std::vector<std::shared_ptr<DispatchedChat>> due;
  {
    MutexLock lock(&mutex_);
    const auto end = delayed_.upper_bound(now);
    for (auto it = delayed_.begin(); it != end; ++it) due.push_back(std::move(it->second));
    delayed_.erase(delayed_.begin(), end);
  }
  for (const auto& chat : due) chat->Reroute();
  for (Backend* backend : backends_) {
    for (ModelLane* lane : backend->lanes()) TickLane(*backend, *lane, now);
  }
  if (backends_.size() > 1) Rebalance(now);
  metrics_.poisoned().Set(static_cast<double>(services_.poison.listed(now)));
}

void QueueingDispatcher::TickLane(Backend& backend, ModelLane& lane, absl::Time now) {
  ModelLane::Look look = lane.Tick(now);
  Carry(backend, lane, std::move(look.work));
  for (auto& [job, error] : look.stuck) Chat(job).GiveUp(std::move(error));
  for (const auto& job : look.expired) Chat(job).Expire();
  for (const auto& job : look.prefilling) Chat(job).TellPrefill();
  for (const auto& [job, phase] : look.moved) Chat(job).TellQueued(phase);
}

void QueueingDispatcher::Rebalance(absl::Time now) {
  for (Backend* backend : backends_) {
    for (ModelLane* lane : backend->lanes()) {
      if (lane->waiting() > 0) MoveAway(*backend, *lane, now);
    }
  }
}

// Jobs that wait where nothing moves go where something does; of those that wait where it does, as
// many go as find an idle slot with the model loaded.
void QueueingDispatcher::MoveAway(Backend& backend, ModelLane& lane, absl::Time now) {
  const bool stuck = lane.breaker_pause_end() > now || !backend.snapshot()->reachable;
  size_t places = 0;
  for (Backend* other : backends_) {
    if (other == &backend) continue;
    const auto snapshot = other->snapshot();
    if (!snapshot->reachable || snapshot->Find(lane.model()) == nullptr || other->IsSuspect(now)) {
      continue;
    }
    const ModelLane& target = other->LaneOf(lane.model(), *snapshot);
    const ModelLane::Outlook outlook = target.OutlookFor(LaneJob(), now);
    if (!outlook.open) continue;
    if (stuck) {
      places = SIZE_MAX;
    } else if (outlook.loaded && outlook.idle_slot) {
      ++places;
    }
  }
  if (places == 0) return;
  for (const auto& job : lane.TakeWaiting(places)) {
    metrics_.moved().Increment();
    Chat(job).Reroute();
  }
}

void QueueingDispatcher::RunTicks() {
  pthread_setname_np(pthread_self(), "tessera-sched");
  while (true) {
    Tick();
    MutexLock lock(&mutex_);
    // Submitting wakes nobody: an idle tick comes soon enough for whatever a new job needs.
    if (!closing_) changed_.WaitFor(&mutex_, jobs_ > 0 ? options_.tick : options_.idle_tick);
    if (closing_) return;
  }
}

}  // namespace tessera::inference
