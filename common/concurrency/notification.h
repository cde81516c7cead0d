// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_CONCURRENCY_NOTIFICATION_H_
#define TESSERA_COMMON_CONCURRENCY_NOTIFICATION_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"

namespace tessera {

// Something that happens once, and that threads can wait for. Thread-safe. What was done before
// Notify() is seen by whoever has waited. A waiter may destroy it as soon as its wait has ended.
class Notification {
 public:
  // At most once.
  void Notify();

  bool HasBeenNotified() const;

  void Wait() const;

  // False when it has not happened within `timeout`, measured by the steady clock.
  [[nodiscard]] bool WaitFor(absl::Duration timeout) const;

 private:
  mutable Mutex mutex_;
  mutable CondVar changed_;
  bool notified_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_CONCURRENCY_NOTIFICATION_H_
