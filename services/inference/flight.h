// SPDX-License-Identifier: Apache-2.0
//
// One request on its way to the engine and back, for everybody who asks the same thing meanwhile.
//
// Whoever asks first boards and the flight departs: it asks the dispatcher. Others may join until
// it lands; each hears everything from the beginning. Those who leave do not take the others with
// them; with the last one the flight is given up. The answer is checked before it lands, and kept
// in the cache where that is wanted.
#ifndef TESSERA_SERVICES_INFERENCE_FLIGHT_H_
#define TESSERA_SERVICES_INFERENCE_FLIGHT_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/cache/cache_key.h"
#include "services/inference/chat_request_check.h"
#include "services/inference/inference_context.h"
#include "services/inference/recorded_piece.h"
#include "services/inference/scheduling/chat_dispatcher.h"

namespace tessera::inference {

// One of those who ask. Told one thing after another, on any thread, never under a lock of the
// flight; must not block.
class FlightRider {
 public:
  virtual ~FlightRider() = default;
  // True when nobody has seen what it was told: on RetryingPhase it takes that back.
  virtual bool Forgets() const = 0;
  virtual void OnPhase(const Phase& phase) = 0;
  // A non-OK status is this rider's end.
  virtual absl::Status OnPiece(const ChatPiece& piece) = 0;
  // Exactly once, last. The completion has everything but what differs from rider to rider: request
  // id, source, and the times of the call.
  virtual void OnLanding(const absl::StatusOr<v1::Completion>& completion) = 0;
};

// Thread-safe.
class Flight : public DispatchObserver, public std::enable_shared_from_this<Flight> {
 public:
  // `key`: under which others find the flight, and the cache the answer; none: nobody joins and
  // nothing is kept. `context` must outlive the flight's last rider.
  Flight(InferenceContext& context, CheckedChat chat, std::string client, absl::Time deadline,
         std::optional<CacheKey> key);

  // Takes the first rider and asks the cache's slow tier and the dispatcher. Call once. The landing
  // may come before it returns.
  void Depart(std::shared_ptr<FlightRider> rider);

  // False when it is too late, or the flight would not serve the rider: it lands, was given up,
  // could end before `deadline`, or goes with a lower priority.
  bool Join(std::shared_ptr<FlightRider> rider, absl::Time deadline, JobPriority priority);

  // The rider's landing comes soon, with `why`; that of the last one when the engine has let go.
  void Leave(const FlightRider& rider, const absl::Status& why);

  const std::optional<CacheKey>& key() const { return key_; }

  void OnPhase(const Phase& phase) override;
  absl::Status OnPiece(const ChatPiece& piece) override;
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override;

 private:
  using Event = std::variant<std::shared_ptr<const RecordedPiece>, Phase>;

  struct Seat {
    std::shared_ptr<FlightRider> rider;
    size_t next = 0;      // Of the events.
    size_t joined = 0;    // Events that were there when it came: old phases are not told.
    bool served = false;  // A thread is telling it something; or it has landed.
    bool heard_pieces = false;
    std::optional<absl::Status> leaves;
  };

  void Submit();
  ChatJob MakeJob();
  // What was heard so far is void.
  void TakeBack();
  void Add(Event event);
  // Tells every seat what it has not heard.
  void ServeAll();
  void Serve(const std::shared_ptr<Seat>& seat);
  // What the seat hears next, if there is anything now.
  std::optional<Event> NextEvent(Seat& seat) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropWhatAllHaveHeard() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell(Seat& seat, const Event& event);
  void GiveUpIfEmpty();
  bool MayRepair() const;
  void AskForRepair(const ChatOutcome& outcome);
  void Land(absl::StatusOr<v1::Completion> completion);
  std::string Packed(const v1::Completion& completion) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False when `packed` is no answer.
  bool LandFromCache(const std::string& packed);
  void Count(const v1::Completion& completion) const;
  void CountCheck(bool conforms) const;

  InferenceContext& context_;
  CheckedChat chat_;
  const std::string client_;
  const absl::Time deadline_;
  const std::optional<CacheKey> key_;
  const absl::Time start_;
  // Pieces are told only once the whole has been checked.
  const bool held_;

  // Touched by the dispatcher's calls only, which come one after another.
  struct Answer {
    std::string text;  // Where it is to be checked.
    bool calls_tools = false;
    std::optional<std::string> fault;
  };
  Answer answer_;
  bool repaired_ = false;
  std::deque<std::string> repair_texts_;  // What the messages that ask for it point into.
  uint32_t earlier_prompt_tokens_ = 0;
  uint32_t earlier_output_tokens_ = 0;
  absl::Duration time_to_first_piece_ = absl::InfiniteDuration();

  mutable Mutex mutex_;
  std::vector<std::shared_ptr<Seat>> seats_ ABSL_GUARDED_BY(mutex_);
  std::vector<Event> events_ ABSL_GUARDED_BY(mutex_);
  size_t kept_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool keeps_events_ ABSL_GUARDED_BY(mutex_);     // Or drops what everybody has heard.
  bool forgets_ ABSL_GUARDED_BY(mutex_) = false;  // The first rider does.
  bool given_up_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::StatusOr<v1::Completion>> landing_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<ChatHandle> handle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_FLIGHT_H_
