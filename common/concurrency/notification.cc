// SPDX-License-Identifier: Apache-2.0
#include "common/concurrency/notification.h"

#include <chrono>

namespace tessera {

void Notification::Notify() {
  MutexLock lock(&mutex_);
  notified_ = true;
  // Inside the lock: a waiter may destroy this object as soon as it holds the lock again.
  changed_.SignalAll();
}

bool Notification::HasBeenNotified() const {
  MutexLock lock(&mutex_);
  return notified_;
}

void Notification::Wait() const {
  MutexLock lock(&mutex_);
  while (!notified_) changed_.Wait(&mutex_);
}

bool Notification::WaitFor(absl::Duration timeout) const {
  using std::chrono::steady_clock;
  const auto began = steady_clock::now();
  MutexLock lock(&mutex_);
  while (!notified_) {
    const absl::Duration left = timeout - absl::FromChrono(steady_clock::now() - began);
    if (left <= absl::ZeroDuration()) return false;
    changed_.WaitFor(&mutex_, left);
  }
  return true;
}

}  // namespace tessera
