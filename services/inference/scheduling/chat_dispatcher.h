// SPDX-License-Identifier: Apache-2.0
//
// Decides when and where a job runs: admission, queue, placement, retries, watchdogs.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_CHAT_DISPATCHER_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_CHAT_DISPATCHER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "services/inference/engine/model_engine.h"
#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// Waits for a slot. Told when the wait begins, as it changes, at most twice a second, and when the
// engine gets the job shortly before the slot is free.
struct QueuedPhase {
  uint32_t position = 0;  // Jobs that go first.
  absl::Duration predicted_wait;
};
// Has a slot; the engine loads the model first.
struct LoadingPhase {
  absl::Duration predicted;  // Zero when it was never loaded before.
};
// Has a slot; the engine reads the prompt.
struct PrefillPhase {
  uint32_t predicted_prompt_tokens = 0;
};
// A try failed; another one is made. Whatever was heard of the last one is void.
struct RetryingPhase {
  uint32_t attempts = 0;  // Tries made so far.
  std::string reason;     // ErrorInfo reason of the last one's end.
};
using Phase = std::variant<QueuedPhase, LoadingPhase, PrefillPhase, RetryingPhase>;

// Hears one job. Calls come one after another, though from different threads: the submitting one,
// an engine's I/O thread, the dispatcher's own. None may block. Phases come before the first piece,
// except for Retrying of a job that forgets its pieces. OnEnd is called exactly once, last, perhaps
// before Submit returns or inside Cancel; no lock may be held around those that a callback takes.
// The outcome's `dispatch` is filled in.
class DispatchObserver : public ChatObserver {
 public:
  virtual void OnPhase(const Phase& phase) = 0;
};

// Thread-safe.
class ChatDispatcher {
 public:
  virtual ~ChatDispatcher() = default;
  // Accepts the job, or ends it at once with the reason why not. Job and observer are dropped when
  // the job has ended, whether or not the handle still lives. Cancelling the handle ends it with
  // CANCELLED, or DEADLINE_EXCEEDED when its deadline has passed.
  virtual std::shared_ptr<ChatHandle> Submit(ChatJob job,
                                             std::shared_ptr<DispatchObserver> observer) = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_CHAT_DISPATCHER_H_
