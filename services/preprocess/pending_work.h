// SPDX-License-Identifier: Apache-2.0
//
// What is still running for a call, and how the call will end: it ends when nothing runs any more,
// with the first error. So nothing that a worker or the next hop still uses is ever taken away.
#ifndef TESSERA_SERVICES_PREPROCESS_PENDING_WORK_H_
#define TESSERA_SERVICES_PREPROCESS_PENDING_WORK_H_

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/concurrency/mutex.h"

namespace tessera::preprocess {

// Thread-safe. Starts with one piece of work running, that of whoever makes it.
class PendingWork {
 public:
  // Another piece begins. Must not be called when nothing is running.
  void Begin() { running_.fetch_add(1, std::memory_order_relaxed); }

  // Notes an error; true for the first one, upon which the caller should stop the other pieces.
  bool Fail(const absl::Status& error) {
    MutexLock lock(&mutex_);
    if (!first_error_.ok()) return false;
    first_error_ = error;
    return true;
  }

  // A piece ends. True for the last one: then the call ends with error(). Where it is false, the
  // object may be gone already.
  [[nodiscard]] bool End() { return running_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  absl::Status error() const {
    MutexLock lock(&mutex_);
    return first_error_;
  }

 private:
  std::atomic<int> running_ = 1;
  mutable Mutex mutex_;
  absl::Status first_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PENDING_WORK_H_
