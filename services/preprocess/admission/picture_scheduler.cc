// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/admission/picture_scheduler.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "common/concurrency/worker_pool.h"
#include "common/status/error.h"

namespace tessera::preprocess {
namespace {

constexpr std::string_view kDeadlineUnmeetable = "DEADLINE_UNMEETABLE";

// Advice to wait less is noise; advice to wait longer is a guess about a future too far away.
constexpr absl::Duration kMinRetryDelay = absl::Milliseconds(2);
constexpr absl::Duration kMaxRetryDelay = absl::Minutes(1);

// What is left of a picture that takes longer than predicted, as a share of the prediction.
constexpr double kOverrun = 0.1;

int64_t Milliseconds(absl::Duration duration) { return absl::ToInt64Milliseconds(duration); }

size_t IndexOf(Lane lane) { return static_cast<size_t>(lane); }

}  // namespace

// Plays through what happens to the pictures accepted so far, as if each took what was predicted
// and no other came.
class PictureScheduler::Future {
 public:
  Future(const PictureScheduler& scheduler, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(scheduler.mutex_)
      : picker_(scheduler.picker_), now_(now) {
    for (const Running& running : scheduler.running_) {
      const absl::Time planned = running.since + running.cost.time;
      ends_.push_back({planned > now ? planned : now + kOverrun * running.cost.time, &running.cost,
                       running.file_bytes});
    }
    for (const Lane lane : kLanes) {
      for (const Waiting& waiting : scheduler.lanes_[IndexOf(lane)]) {
        waiting_[IndexOf(lane)].push_back({&waiting.job.cost, waiting.job.file_bytes});
      }
    }
  }

  // When a picture that came last would start.
  absl::Time StartOf(const PictureCost& cost) {
    std::vector<Entry>& lane = waiting_[IndexOf(cost.lane)];
    if (lane.empty()) picker_.LaneWakes(cost.lane);
    lane.push_back({&cost, 0});
    while (next_[IndexOf(cost.lane)] < lane.size()) Step();
    return now_;
  }

  // When `pictures` more have ended and have left `bytes` of files behind.
  absl::Time EndOf(size_t pictures, uint64_t bytes) {
    while (ended_ < pictures || ended_bytes_ < bytes) {
      while (StartNext()) {
      }
      if (ends_.empty()) break;
      EndNext();
    }
    return now_;
  }

 private:
  struct Entry {
    const PictureCost* cost;
    uint64_t file_bytes;
  };
  struct End {
    absl::Time at;
    const PictureCost* cost;
    uint64_t file_bytes;
  };

  const PictureCost* First(Lane lane) const {
    const size_t i = IndexOf(lane);
    return next_[i] < waiting_[i].size() ? waiting_[i][next_[i]].cost : nullptr;
  }

  bool StartNext() {
    const auto lane = picker_.Pick(First(Lane::kQuick), First(Lane::kSlow));
    if (!lane) return false;
    const Entry entry = waiting_[IndexOf(*lane)][next_[IndexOf(*lane)]++];
    picker_.Start(*entry.cost, First(*lane == Lane::kQuick ? Lane::kSlow : Lane::kQuick));
    ends_.push_back({now_ + entry.cost->time, entry.cost, entry.file_bytes});
    return true;
  }

  void EndNext() {
    const auto next = std::min_element(ends_.begin(), ends_.end(),
                                       [](const End& a, const End& b) { return a.at < b.at; });
    now_ = std::max(now_, next->at);
    picker_.End(*next->cost);
    ++ended_;
    ended_bytes_ += next->file_bytes;
    ends_.erase(next);
  }

  // Somebody always can start once nothing runs.
  void Step() {
    if (!StartNext()) EndNext();
  }

  LanePicker picker_;
  absl::Time now_;
  std::vector<End> ends_;
  std::array<std::vector<Entry>, 2> waiting_;
  std::array<size_t, 2> next_ = {};
  size_t ended_ = 0;
  uint64_t ended_bytes_ = 0;
};

absl::Status PictureScheduler::Submit(Job& job) {
  MutexLock lock(&mutex_);
  if (draining_) {
    return MakeError(absl::StatusCode::kUnavailable, kDraining,
                     "the server is shutting down and takes no more pictures");
  }
  const absl::Time now = options_.now();
  if (absl::Status status = CheckRoom(job, now); !status.ok()) return status;
  if (absl::Status status = CheckDeadline(job.cost, job.deadline, now); !status.ok()) return status;
  std::deque<Waiting>& lane = lanes_[IndexOf(job.cost.lane)];
  if (lane.empty()) picker_.LaneWakes(job.cost.lane);
  held_bytes_ += job.file_bytes;
  lane.push_back({std::move(job), now});
  changed_.Signal();
  return absl::OkStatus();
}

int PictureScheduler::Queued() const {
  return static_cast<int>(lanes_[0].size() + lanes_[1].size());
}

absl::Status PictureScheduler::CheckRoom(const Job& job, absl::Time now) {
  const int accepted = Queued() + static_cast<int>(running_.size());
  const bool places = accepted < options_.workers + options_.max_queued;
  // A file that is larger than all that may be held is taken when it is the only one.
  const bool bytes = held_bytes_ == 0 || held_bytes_ + job.file_bytes <= options_.max_held_bytes;
  if (places && bytes) return absl::OkStatus();
  const absl::Duration wait = PromiseRoom(job, now) - now;
  const std::string what =
      places ? fmt::format(
                   "the files of the {} pictures at work and waiting have {} bytes, and at "
                   "most {} are held",
                   accepted, held_bytes_, options_.max_held_bytes)
             : fmt::format("{} pictures are being prepared and {} wait; at most {} may wait",
                           running_.size(), Queued(), options_.max_queued);
  return MakeError(absl::StatusCode::kResourceExhausted, kQueueFull, what,
                   {.metadata = {{"running", std::to_string(running_.size())},
                                 {"queued", std::to_string(Queued())},
                                 {"limit", std::to_string(options_.max_queued)},
                                 {"lane", std::string(LaneName(job.cost.lane))}},
                    .retry_after = std::clamp(wait, kMinRetryDelay, kMaxRetryDelay)});
}

absl::Time PictureScheduler::PromiseRoom(const Job& job, absl::Time now) {
  while (!promised_.empty() && promised_.front() <= now) promised_.pop_front();
  const uint64_t needed = held_bytes_ + job.file_bytes;
  const uint64_t excess = needed > options_.max_held_bytes ? needed - options_.max_held_bytes : 0;
  const absl::Time room =
      Future(*this, now).EndOf(promised_.size() + 1, std::min(excess, held_bytes_));
  // The first of those who come back in the same moment takes the place.
  const absl::Time promise =
      promised_.empty() ? room : std::max(room, promised_.back() + kMinRetryDelay);
  promised_.push_back(promise);
  return promise;
}

absl::Time PictureScheduler::StartOf(const PictureCost& cost, absl::Time now) const {
  return Future(*this, now).StartOf(cost);
}

absl::Status PictureScheduler::Consider(const PictureCost& cost, absl::Time deadline) const {
  MutexLock lock(&mutex_);
  return CheckDeadline(cost, deadline, options_.now());
}

absl::Status PictureScheduler::CheckDeadline(const PictureCost& cost, absl::Time deadline,
                                             absl::Time now) const {
  if (deadline == absl::InfiniteFuture()) return absl::OkStatus();
  const absl::Duration allowed = deadline - now;
  const absl::Duration wait = StartOf(cost, now) - now;
  const absl::Duration late = wait + cost.time - allowed;
  if (late <= absl::ZeroDuration()) return absl::OkStatus();
  const bool waiting_helps = cost.time <= allowed;
  ErrorContext context{
      .metadata = {{"predictedWaitMs", std::to_string(Milliseconds(wait))},
                   {"predictedWorkMs", std::to_string(Milliseconds(cost.time))},
                   {"allowedMs", std::to_string(std::max<int64_t>(0, Milliseconds(allowed)))},
                   {"lane", std::string(LaneName(cost.lane))}}};
  if (waiting_helps) context.retry_after = std::clamp(late, kMinRetryDelay, kMaxRetryDelay);
  return MakeError(
      absl::StatusCode::kResourceExhausted, kDeadlineUnmeetable,
      fmt::format("the picture would wait {} ms and take {} ms, but the call allows {} ms",
                  Milliseconds(wait), Milliseconds(cost.time),
                  std::max<int64_t>(0, Milliseconds(allowed))),
      std::move(context));
}

std::optional<Lane> PictureScheduler::PickLane() const {
  const auto first = [this](Lane lane) ABSL_NO_THREAD_SAFETY_ANALYSIS -> const PictureCost* {
    const auto& waiting = lanes_[IndexOf(lane)];
    return waiting.empty() ? nullptr : &waiting.front().job.cost;
  };
  return picker_.Pick(first(Lane::kQuick), first(Lane::kSlow));
}

PictureScheduler::Taken PictureScheduler::Take(Lane lane) {
  std::deque<Waiting>& waiting = lanes_[IndexOf(lane)];
  const std::deque<Waiting>& others = lanes_[1 - IndexOf(lane)];
  Waiting next = std::move(waiting.front());
  waiting.pop_front();
  picker_.Start(next.job.cost, others.empty() ? nullptr : &others.front().job.cost);
  const absl::Time now = options_.now();
  running_.push_back({next.job.cost, next.job.file_bytes, now});
  return {std::move(next.job.run), now - next.since, std::prev(running_.end())};
}

std::optional<PictureScheduler::Taken> PictureScheduler::Next() {
  MutexLock lock(&mutex_);
  while (true) {
    if (const auto lane = PickLane()) return Take(*lane);
    if (draining_ && Queued() == 0) return std::nullopt;
    changed_.Wait(&mutex_);
  }
}

std::optional<PictureScheduler::Taken> PictureScheduler::TryNext() {
  MutexLock lock(&mutex_);
  if (const auto lane = PickLane()) return Take(*lane);
  return std::nullopt;
}

void PictureScheduler::Ended(Ticket ticket) {
  MutexLock lock(&mutex_);
  picker_.End(ticket->cost);
  held_bytes_ -= ticket->file_bytes;
  running_.erase(ticket);
  // Memory for several may have come free.
  changed_.SignalAll();
}

void PictureScheduler::Drain() {
  MutexLock lock(&mutex_);
  draining_ = true;
  changed_.SignalAll();
}

PictureScheduler::Load PictureScheduler::load() const {
  MutexLock lock(&mutex_);
  Load load;
  for (const Lane lane : kLanes) {
    load.queued[IndexOf(lane)] = static_cast<int>(lanes_[IndexOf(lane)].size());
    load.running[IndexOf(lane)] = picker_.running(lane);
  }
  load.memory_in_use_bytes = picker_.memory_in_use_bytes();
  load.held_bytes = held_bytes_;
  return load;
}

absl::Duration PictureScheduler::PredictedWait(const PictureCost& cost) const {
  MutexLock lock(&mutex_);
  const absl::Time now = options_.now();
  return StartOf(cost, now) - now;
}

}  // namespace tessera::preprocess
