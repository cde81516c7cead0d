// SPDX-License-Identifier: Apache-2.0
//
// One model on one engine: its slots, the bounded queue in front of them, and what is known of how
// long things take there.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_MODEL_LANE_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_MODEL_LANE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/scheduling/chat_dispatcher.h"
#include "services/inference/scheduling/circuit_breaker.h"
#include "services/inference/scheduling/fair_queue.h"
#include "services/inference/scheduling/lane_job.h"
#include "services/inference/scheduling/rate_model.h"
#include "services/inference/scheduling/scheduling_metrics.h"
#include "services/inference/scheduling/slot_count.h"

namespace tessera::inference {

// Limits that every lane has.
struct LaneLimits {
  size_t max_queued = 256;
  absl::Duration max_queue_wait = absl::Minutes(5);  // As predicted.
  absl::Duration load_timeout = absl::Minutes(10);
  absl::Duration first_token_timeout = absl::Minutes(5);  // Of a loaded model.
  // Silence beyond what was predicted after which a model that others wait for counts as wedged.
  absl::Duration wedge_silence = absl::Seconds(30);
  // Whether requests may go to the engine shortly before there is a slot, see LeadBeforeSlot.
  bool hand_ahead = true;
  CircuitBreaker::Options breaker;
};

using LaneJobs = std::vector<std::shared_ptr<LaneJob>>;

// Decides and keeps count; it starts and ends nothing itself. What it decides it returns, for the
// caller to carry out after the lane's lock is released. Thread-safe: one lock. Time is given, so
// that tests need not wait for it.
class ModelLane {
 public:
  // A circuit that opens for no longer than this is waited for like a slot.
  static constexpr absl::Duration kPauseWorthWaiting = absl::Seconds(2);

  // `slots`: configured; unset where they are to be learnt.
  ModelLane(std::string model, std::optional<uint32_t> slots, LaneLimits limits, LaneSeries series,
            SchedulingMetrics& metrics);
  // Lets go of those that still wait; they hear nothing of it.
  ~ModelLane();

  const std::string& model() const { return model_; }

  enum class Verdict { kRun, kQueued, kRefused };
  struct Admission {
    Verdict verdict = Verdict::kRun;
    absl::Status refusal;                 // kRefused: QUEUE_FULL, DEADLINE_UNMEETABLE, or
                                          // ENGINE_UNREACHABLE where the circuit stays open.
    QueuedPhase queued;                   // kQueued.
    std::shared_ptr<LaneJob> pushed_out;  // Has lost its place to the newcomer.
  };
  // `anew`: the job was admitted before and lost its place or its try through no fault of its own;
  // it goes first and no bound but the circuit breaker's applies.
  Admission Admit(const std::shared_ptr<LaneJob>& job, absl::Time now, bool anew);

  // Takes a job out of the queue. False when it does not wait (any more).
  bool Withdraw(LaneJob& job);
  // Takes the whole queue, or the `most` that would go last.
  LaneJobs TakeWaiting(size_t most = SIZE_MAX);
  // Those that run now. They go on.
  LaneJobs Running() const;

  // Whether a job that runs, and has failed, only waited for a slot when that or another one's
  // failure came: nothing that it brought can be the cause.
  bool IsBystander(const LaneJob& job) const;
  bool HasSlot(const LaneJob& job) const;

  // The first piece of a job that runs.
  void OnFirstToken(LaneJob& job, absl::Time now);

  // How a try ended. What is the engine's fault counts against it.
  enum class EndKind { kAnswered, kRequestsFault, kEnginesFault, kCancelled, kNeverSent };
  struct End {
    EndKind kind = EndKind::kAnswered;
    absl::Time cancelled_at = absl::InfiniteFuture();
    JobTiming timing;  // kAnswered.
  };
  // What is to be done after something has changed.
  struct Work {
    LaneJobs granted;     // It is their turn: start them.
    bool unload = false;  // Wedged, and nothing of ours runs: unload the model, then EndCure.
  };
  // A job that runs gives its slot back, if it had one.
  Work Finish(LaneJob& job, const End& end, absl::Time now);

  struct Look {
    Work work;
    LaneJobs expired;  // Their deadline passed while they waited; taken out.
    std::vector<std::pair<std::shared_ptr<LaneJob>, QueuedPhase>> moved;  // To be told.
    LaneJobs prefilling;  // Their model is loaded now.
    // To be ended: a limit of their phase passed, or the model is wedged.
    std::vector<std::pair<std::shared_ptr<LaneJob>, absl::Status>> stuck;
  };
  // To be called every few hundredths of a second.
  Look Tick(absl::Time now);

  // What a look at the engine says about the model; nullptr: not loaded.
  void OnEngineLook(bool reachable, const LoadedModel* loaded, absl::Time now);
  // The model was unloaded, or could not be.
  Work EndCure(bool unloaded, absl::Time now);

  // What a job would find here.
  struct Outlook {
    bool open = true;        // The circuit breaker lets requests through.
    bool opens_soon = true;  // Or its pause is within kPauseWorthWaiting.
    bool loaded = false;
    bool in_use = false;         // Somebody uses the model here or did a minute ago.
    bool other_options = false;  // Its runtime options differ from those in use.
    bool idle_slot = false;
    absl::Duration wait;
    absl::Duration finish;  // From now to the answer, load included.
  };
  Outlook OutlookFor(const LaneJob& job, absl::Time now) const;
  bool InUse(absl::Time now) const;
  size_t waiting() const;
  absl::Time breaker_pause_end() const;

 private:
  struct Unreleased {
    absl::Time until;
    absl::Time cancelled_at;
  };

  // A model that somebody used so lately is not displaced for another.
  static constexpr absl::Duration kInUseFor = absl::Minutes(1);
  // Between two notices of a job's position.
  static constexpr absl::Duration kBetweenNotices = absl::Milliseconds(500);

  bool InUseLocked(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // With the engine, those that were handed ahead and those it has not noticed to be gone included.
  uint32_t Busy() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return static_cast<uint32_t>(running_.size() + unreleased_.size());
  }
  uint32_t HandedAhead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  double WaitSeconds(double seconds_ahead, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Unmeetable(const LaneJob& job, absl::Duration wait, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Full(absl::Duration wait, const char* what) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // LeadBeforeSlot of the job; zero also where it may not go ahead.
  absl::Duration LeadOf(const LaneJob& job, const JobPrediction& predicted) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What the engine does for the job before it needs a slot, as far as that is done while others
  // have it.
  absl::Duration HiddenLoad(const LaneJob& job, const JobPrediction& predicted) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Of a slot.
  absl::Duration SlotTime(const LaneJob& job) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // From now to its end, when it gets a slot after `wait`.
  absl::Duration EndAfter(const LaneJob& job, absl::Duration wait) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakeSlot(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether the job whose turn it is may go though there is no slot for it yet.
  bool TakePlaceAhead(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartRunning(const std::shared_ptr<LaneJob>& job, absl::Time now, bool ahead)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The job has a slot from now on.
  void Seat(LaneJob& job, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The same, learnt late: from its first token or its end.
  void SeatLate(LaneJob& job, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountQueued(const LaneJob& job, int change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Free slots go to those that were handed ahead, in the order in which they were.
  void SeatHandedAhead(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Work FillSlots(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LearnRates(const LaneJob& job, JobTiming timing) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteSilentEnd(const LaneJob& job, const End& end, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Release(const LaneJob& job, const End& end, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteOverlap() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ProveOverlap() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CollectWaiting(Look& look, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CollectRunning(Look& look, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status LimitPassed(const LaneJob& job, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static bool IsLoading(const LaneJob& job) { return job.cold && !job.load_seen && !job.answering; }
  absl::Duration AllowedSilence(const LaneJob& job) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsWedged(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Wedged() const;
  void BeginCure() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ShowState(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string model_;
  const LaneLimits limits_;
  const LaneSeries series_;
  SchedulingMetrics& metrics_;

  mutable Mutex mutex_;
  FairQueue queue_ ABSL_GUARDED_BY(mutex_);
  LaneJobs running_ ABSL_GUARDED_BY(mutex_);
  std::vector<Unreleased> unreleased_ ABSL_GUARDED_BY(mutex_);
  // When the engine will be done with what it does before a slot, of those that left before they
  // had one: leaving must not make room for more than would be let in otherwise.
  std::vector<absl::Time> left_ahead_ ABSL_GUARDED_BY(mutex_);
  absl::Time last_interactive_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  SlotCount slots_ ABSL_GUARDED_BY(mutex_);
  // Answers that seem to be made at the same time, more than there are slots; 0: none.
  uint32_t overlap_ ABSL_GUARDED_BY(mutex_) = 0;
  CircuitBreaker breaker_ ABSL_GUARDED_BY(mutex_);
  RateModel rates_ ABSL_GUARDED_BY(mutex_);
  bool reachable_ ABSL_GUARDED_BY(mutex_) = true;
  bool loaded_ ABSL_GUARDED_BY(mutex_) = false;
  bool curing_ ABSL_GUARDED_BY(mutex_) = false;
  bool unload_asked_ ABSL_GUARDED_BY(mutex_) = false;
  int cures_ ABSL_GUARDED_BY(mutex_) = 0;  // In a row, without a token between.
  // Until then a look may still show the model that was unloaded.
  absl::Time unloading_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int silent_ends_ ABSL_GUARDED_BY(mutex_) = 0;  // Tries in a row that ended without a sign.
  absl::Time last_progress_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time last_used_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string runtime_key_ ABSL_GUARDED_BY(mutex_);  // Of the job that was started last.
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_MODEL_LANE_H_
