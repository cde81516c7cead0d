// SPDX-License-Identifier: Apache-2.0
//
// Keeps what happens to one thing in order, without a thread of its own and without a lock that is
// held while it happens.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_STRAND_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_STRAND_H_

#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "common/concurrency/mutex.h"

namespace tessera::inference {

// Thread-safe. What the tasks refer to must keep the strand alive.
class Strand {
 public:
  using Task = absl::AnyInvocable<void()>;

  // Runs `task` after all earlier ones: on this thread, before Run returns, unless another call of
  // Run is under way, perhaps further up on this thread's stack; then that one runs it.
  void Run(Task task) {
    {
      MutexLock lock(&mutex_);
      if (running_) {
        waiting_.push_back(std::move(task));
        return;
      }
      running_ = true;
      runner_ = std::this_thread::get_id();
    }
    task();
    while (Next(task)) task();
  }

  // Returns when no other thread runs a task, which is soon: tasks are short.
  void WaitForOthers() {
    while (OthersRun()) std::this_thread::yield();
  }

 private:
  bool OthersRun() {
    MutexLock lock(&mutex_);
    return running_ && runner_ != std::this_thread::get_id();
  }

  bool Next(Task& task) {
    MutexLock lock(&mutex_);
    if (next_ == waiting_.size()) {
      waiting_.clear();
      next_ = 0;
      running_ = false;
      return false;
    }
    task = std::move(waiting_[next_++]);
    return true;
  }

  Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread::id runner_ ABSL_GUARDED_BY(mutex_);
  std::vector<Task> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_STRAND_H_
