// SPDX-License-Identifier: Apache-2.0
//
// The ChatDispatcher: admission, queues with slots, placement over several engines, retries,
// watchdogs, the cure of wedged models.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_QUEUEING_DISPATCHER_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_QUEUEING_DISPATCHER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/worker_pool.h"
#include "services/inference/scheduling/backend.h"
#include "services/inference/scheduling/chat_dispatcher.h"
#include "services/inference/scheduling/clock.h"
#include "services/inference/scheduling/dispatch_services.h"
#include "services/inference/scheduling/scheduling_metrics.h"

namespace tessera::inference {

// Thread-safe. A job whose slot is free starts on the thread that submits it.
class QueueingDispatcher : public ChatDispatcher, public JobRouter {
 public:
  struct Options {
    size_t max_held_bytes = size_t{512} << 20;  // Of all jobs that wait or run.
    uint32_t max_retries = 3;
    absl::Duration first_backoff = absl::Milliseconds(50);
    absl::Duration unload_timeout = absl::Seconds(30);
    // How often time-driven work is done; zero: only when Tick is called.
    absl::Duration tick = absl::Milliseconds(25);
    absl::Duration idle_tick = absl::Milliseconds(100);  // While there are no jobs.
  };

  // `backends`, at least one, and the others must outlive the dispatcher.
  QueueingDispatcher(std::vector<Backend*> backends, WorkerPool& pool, SchedulingMetrics& metrics,
                     const Clock& clock, Options options);
  // Ends every job and waits until the last observer has heard so. The engines must still work.
  ~QueueingDispatcher() override;

  std::shared_ptr<ChatHandle> Submit(ChatJob job,
                                     std::shared_ptr<DispatchObserver> observer) override;

  // Limits, positions, retries, wedges. For tests with a clock of their own.
  void Tick();

 private:
  absl::Status Route(const std::shared_ptr<DispatchedChat>& chat, bool anew) override;
  bool HasUntried(const DispatchedChat& chat) override;
  void Carry(Backend& backend, ModelLane& lane, ModelLane::Work work) override;
  void RouteLater(std::shared_ptr<DispatchedChat> chat, absl::Time when) override;
  void OnJobEnd(size_t bytes) override;

  std::vector<size_t> Order(const DispatchedChat& chat, absl::Time now);
  void TickLane(Backend& backend, ModelLane& lane, absl::Time now);
  void Rebalance(absl::Time now);
  void MoveAway(Backend& backend, ModelLane& lane, absl::Time now);
  bool AcquireBytes(size_t bytes);
  void Cure(Backend& backend, ModelLane& lane);
  void RunTicks();
  void EndEverything();

  const std::vector<Backend*> backends_;
  SchedulingMetrics& metrics_;
  const Clock& clock_;
  const Options options_;
  DispatchServices services_;
  std::atomic<size_t> held_bytes_{0};
  std::atomic<int64_t> jobs_{0};
  std::atomic<int64_t> cures_{0};
  std::atomic<uint64_t> random_{1};

  Mutex mutex_;
  CondVar changed_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::multimap<absl::Time, std::shared_ptr<DispatchedChat>> delayed_ ABSL_GUARDED_BY(mutex_);
  std::thread ticker_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_QUEUEING_DISPATCHER_H_
