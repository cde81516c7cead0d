// SPDX-License-Identifier: Apache-2.0
//
// What every dispatched job works with.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCH_SERVICES_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCH_SERVICES_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/worker_pool.h"
#include "services/inference/scheduling/backend.h"
#include "services/inference/scheduling/clock.h"
#include "services/inference/scheduling/poison_list.h"
#include "services/inference/scheduling/retry_budget.h"
#include "services/inference/scheduling/scheduling_metrics.h"

namespace tessera::inference {

class DispatchedChat;

// Where jobs go. Implemented by the dispatcher; thread-safe.
class JobRouter {
 public:
  virtual ~JobRouter() = default;
  // Finds the job a lane and has it run there or wait. An error: no lane takes it, and the job is
  // where it was. `anew` as in ModelLane::Admit.
  virtual absl::Status Route(const std::shared_ptr<DispatchedChat>& chat, bool anew) = 0;
  // Whether there is an engine that the job has not been tried on.
  virtual bool HasUntried(const DispatchedChat& chat) = 0;
  // Does what a lane wants done.
  virtual void Carry(Backend& backend, ModelLane& lane, ModelLane::Work work) = 0;
  // Routes the job again at `when`.
  virtual void RouteLater(std::shared_ptr<DispatchedChat> chat, absl::Time when) = 0;
  // The job's observer has heard the end.
  virtual void OnJobEnd(size_t bytes) = 0;
};

struct DispatchServices {
  WorkerPool& pool;  // Where large requests are encoded.
  SchedulingMetrics& metrics;
  const Clock& clock;
  uint32_t max_retries = 3;
  absl::Duration first_backoff = absl::Milliseconds(50);  // Doubles; on the same engine only.
  PoisonList poison = PoisonList();
  RetryBudget budget = RetryBudget();
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCH_SERVICES_H_
