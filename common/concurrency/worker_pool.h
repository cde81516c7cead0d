// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_CONCURRENCY_WORKER_POOL_H_
#define TESSERA_COMMON_CONCURRENCY_WORKER_POOL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"

namespace tessera {

// Reasons of TrySubmit()'s errors.
inline constexpr std::string_view kQueueFull = "QUEUE_FULL";
inline constexpr std::string_view kDraining = "DRAINING";

// A fixed number of threads and a bounded queue in front of them, for work that takes longer than
// a gRPC callback may.
//
// Which thread runs what: tasks run on the pool's own threads, begun in the order in which they
// were accepted, and nowhere else; TrySubmit() never runs one. A task may block its thread and may
// submit further tasks, but must neither throw nor shut the pool down, and must not wait for a task
// that is queued behind it.
//
// Thread-safe.
class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  struct Options {
    // At least 1.
    int threads = 1;
    // Tasks that may wait while every thread is busy; 0 means that a task is accepted only for a
    // thread that is free.
    int max_queued = 0;
    // Of the threads, for debuggers and profilers; the system shows its first 15 characters. Also
    // named in errors.
    std::string name = "worker";
    // Called on each thread as the last thing it does, for libraries that keep buffers per thread.
    std::function<void()> on_thread_exit;
  };

  explicit WorkerPool(Options options);
  // Shuts down.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Accepts `task` to be run exactly once, or refuses it at once and destroys it:
  //   RESOURCE_EXHAUSTED / QUEUE_FULL: all threads and all places in the queue are taken. RetryInfo
  //     estimates when the work accepted so far will be done, from the moving average of what
  //     tasks took and the number of tasks ahead.
  //   UNAVAILABLE / DRAINING: Shutdown() has begun; another instance may take the work.
  absl::Status TrySubmit(Task task);

  // Refuses new tasks, runs those already accepted, and joins the threads. Idempotent; a second
  // caller waits as well. Must not be called on a pool thread.
  void Shutdown();

  // Gauges, each exact at the moment it is read.
  int queued() const;
  int running() const;
  // Moving average over tasks that have ended; zero before the first one has.
  absl::Duration average_task_time() const;

 private:
  void RunTasks();
  absl::Duration EstimatedDrainTime() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;

  mutable Mutex mutex_;
  CondVar task_or_drain_;
  std::deque<Task> queue_ ABSL_GUARDED_BY(mutex_);
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration average_task_time_ ABSL_GUARDED_BY(mutex_);

  // Serialises joins.
  Mutex shutdown_mutex_;
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(shutdown_mutex_);
};

}  // namespace tessera

#endif  // TESSERA_COMMON_CONCURRENCY_WORKER_POOL_H_
