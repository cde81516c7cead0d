// SPDX-License-Identifier: Apache-2.0
//
// The life of one job: placed, waiting, tried, perhaps tried again, ended.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCHED_CHAT_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCHED_CHAT_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/scheduling/chat_dispatcher.h"
#include "services/inference/scheduling/dispatch_services.h"
#include "services/inference/scheduling/lane_job.h"
#include "services/inference/scheduling/model_lane.h"
#include "services/inference/scheduling/strand.h"

namespace tessera::inference {

// Thread-safe. No lock is held while anybody else is called. What the observer hears goes through
// a strand, which keeps it in order; pieces alone go straight through.
class DispatchedChat : public ChatHandle,
                       public LaneJob,
                       public std::enable_shared_from_this<DispatchedChat> {
 public:
  // `services` and `router` outlive the job.
  DispatchedChat(ChatJob job, std::shared_ptr<DispatchObserver> observer,
                 DispatchServices& services, JobRouter& router);

  const ChatJob& job() const { return job_; }
  bool WasTriedOn(uint32_t backend) const { return (tried_ >> (backend % 64) & 1) != 0; }

  // --- Called by the router --------------------------------------------------------------------
  // The job came in. Once, first.
  void Begin();
  // It will be offered to this lane; says for how many prompt tokens.
  void Approach(Backend& backend, ModelLane& lane, uint32_t prompt_tokens);
  // It is its turn: the lane has a slot for it, or will have one when the engine needs it.
  void Run();
  // The lane has put it into its queue; its place there has changed.
  void Wait(const QueuedPhase& phase);
  void TellQueued(const QueuedPhase& phase);
  // The model that the job had to wait for is loaded now, or the slot is there.
  void TellPrefill();
  // It was taken out of the queue: for another place, because its deadline has passed, or with an
  // error.
  void Reroute();
  void Expire();
  void Refuse(absl::Status error);
  // The try under way has to end with this error.
  void GiveUp(absl::Status error);

  // --- Called by whoever submitted the job -----------------------------------------------------
  void Cancel() override;

 private:
  class Attempt;
  enum class State { kPlacing, kWaiting, kRunning, kDelayed, kEnded };

  void Send(uint32_t attempt);
  absl::Status OnPiece(const ChatPiece& piece);
  void OnAttemptEnd(absl::StatusOr<ChatOutcome> outcome);
  absl::Status Judge(const absl::StatusOr<ChatOutcome>& outcome, absl::Time now,
                     ModelLane::End& end);
  void Learn(const absl::StatusOr<ChatOutcome>& outcome, const absl::Status& error, absl::Time now,
             ModelLane::End& end);
  bool MayRetry(const absl::Status& error, absl::Time now);
  void Retry(const absl::Status& error, absl::Time now);
  void NeverSent(absl::Status error);
  void End(absl::StatusOr<ChatOutcome> outcome);
  void Tell(absl::StatusOr<ChatOutcome> outcome);
  bool IsCancelled();
  // False when it is cancelled or over.
  bool Enter(State state);
  // True once.
  bool Claim();

  ChatJob job_;
  std::shared_ptr<DispatchObserver> observer_;  // Until the end.
  DispatchServices& services_;
  JobRouter& router_;
  Strand strand_;
  const absl::Time submitted_at_;

  // Of the try under way. Written before it begins, by whoever has the job then.
  Backend* backend_ = nullptr;
  ModelLane* lane_ = nullptr;
  uint32_t prompt_tokens_ = 0;
  std::atomic<uint64_t> tried_{0};
  uint32_t attempts_ = 0;
  absl::Duration queue_wait_;
  absl::Duration first_prediction_;
  absl::Status last_error_;
  bool bystander_ = false;  // The last try failed before it had a slot.

  // I/O thread only, but for the first.
  std::atomic<bool> heard_{false};               // A piece of this try.
  std::atomic<bool> prefill_event_sent_{false};  // Of this try, by TellPrefill.
  absl::Time last_piece_at_;
  absl::Status observers_error_;
  absl::Duration self_time_;

  Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kPlacing;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time cancelled_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Status given_up_ ABSL_GUARDED_BY(mutex_);
  uint32_t sending_ ABSL_GUARDED_BY(mutex_) = 0;  // Number of the try that handle_ is of.
  std::shared_ptr<ChatHandle> handle_ ABSL_GUARDED_BY(mutex_);
  ModelLane* waiting_in_ ABSL_GUARDED_BY(mutex_) = nullptr;  // As lane_, for those who cancel.
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCHED_CHAT_H_
