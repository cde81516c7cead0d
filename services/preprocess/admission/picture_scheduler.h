// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_ADMISSION_PICTURE_SCHEDULER_H_
#define TESSERA_SERVICES_PREPROCESS_ADMISSION_PICTURE_SCHEDULER_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/preprocess/admission/lane_picker.h"
#include "services/preprocess/admission/picture_cost.h"

namespace tessera::preprocess {

// Which picture is prepared when, and which is refused at once. It owns no threads: workers ask it
// for work. Thread-safe.
class PictureScheduler {
 public:
  struct Options {
    int workers = 1;
    // Pictures that may wait; 0 means that one is accepted only for a worker that is free.
    int max_queued = 64;
    // For decoding, taken before a picture starts.
    uint64_t memory_budget_bytes = 512ull << 20;
    // For the files of pictures that wait or are prepared.
    uint64_t max_held_bytes = 512ull << 20;
    // The clock, for tests.
    std::function<absl::Time()> now = absl::Now;
  };

  struct Job {
    PictureCost cost;
    uint64_t file_bytes = 0;
    absl::Time deadline = absl::InfiniteFuture();
    // Called by whoever took the job from Next, with the time it waited.
    absl::AnyInvocable<void(absl::Duration queued)> run;
  };

  struct Running {
    PictureCost cost;
    uint64_t file_bytes = 0;
    absl::Time since;
  };
  using Ticket = std::list<Running>::iterator;

  // A job that was taken.
  struct Taken {
    absl::AnyInvocable<void(absl::Duration queued)> run;
    absl::Duration queued;
    Ticket ticket;
  };

  explicit PictureScheduler(Options options)
      : options_(std::move(options)), picker_(options_.workers, options_.memory_budget_bytes) {}

  // Accepts `job`, or refuses it and leaves it alone:
  //   RESOURCE_EXHAUSTED / QUEUE_FULL: too many pictures wait, or their files are too many bytes.
  //     RetryInfo: when a place will be free that was not promised to others who were refused.
  //   RESOURCE_EXHAUSTED / DEADLINE_UNMEETABLE: by the predicted cost of what is ahead, the picture
  //     would not be ready in time. RetryInfo: when the same call would be; absent when the picture
  //     alone takes longer than the caller allows.
  //   UNAVAILABLE / DRAINING.
  absl::Status Submit(Job& job);

  // What Submit would say about the deadline.
  absl::Status Consider(const PictureCost& cost, absl::Time deadline) const;

  // The next job as soon as there is one that may start; nothing when all work is done after Drain.
  std::optional<Taken> Next();
  // The same without waiting.
  std::optional<Taken> TryNext();

  // The job has run to its end, and what it held is gone. Once for every job taken.
  void Ended(Ticket ticket);

  // Refuses new jobs; Next goes on until those accepted are taken.
  void Drain();

  struct Load {
    std::array<int, 2> queued = {};   // By lane.
    std::array<int, 2> running = {};  // By lane.
    uint64_t memory_in_use_bytes = 0;
    uint64_t held_bytes = 0;
  };
  Load load() const;

  // How long a picture of `cost` that came now would wait for a worker.
  absl::Duration PredictedWait(const PictureCost& cost) const;

 private:
  struct Waiting {
    Job job;
    absl::Time since;
  };
  class Future;

  absl::Status CheckRoom(const Job& job, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckDeadline(const PictureCost& cost, absl::Time deadline, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // When there will be room for `job` that was promised to nobody else.
  absl::Time PromiseRoom(const Job& job, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time StartOf(const PictureCost& cost, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<Lane> PickLane() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Taken Take(Lane lane) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int Queued() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  mutable Mutex mutex_;
  CondVar changed_;
  LanePicker picker_ ABSL_GUARDED_BY(mutex_);
  std::array<std::deque<Waiting>, 2> lanes_ ABSL_GUARDED_BY(mutex_);
  std::list<Running> running_ ABSL_GUARDED_BY(mutex_);
  uint64_t held_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  // Times at which refused callers were told to come back.
  std::deque<absl::Time> promised_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_ADMISSION_PICTURE_SCHEDULER_H_
