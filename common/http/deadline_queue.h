// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_DEADLINE_QUEUE_H_
#define TESSERA_COMMON_HTTP_DEADLINE_QUEUE_H_

#include <set>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"

namespace tessera {

// Knows which of many items must be looked at next, and when.
//
// Built for deadlines that mostly move later (each read of a stream pushes its idle limit back):
// moving later costs nothing here, the item is merely looked at too early once and armed again.
// Items are not owned. Not thread-safe.
template <typename T>
class DeadlineQueue {
 public:
  // `item` comes out of PopDue() at `when` or before.
  void ArmNoLaterThan(T* item, absl::Time when) {
    auto [armed, inserted] = armed_.try_emplace(item, when);
    if (!inserted) {
      if (armed->second <= when) return;
      queue_.erase({armed->second, item});
      armed->second = when;
    }
    queue_.insert({when, item});
  }

  // Forgets `item`; no effect when it is not armed.
  void Remove(T* item) {
    auto armed = armed_.find(item);
    if (armed == armed_.end()) return;
    queue_.erase({armed->second, item});
    armed_.erase(armed);
  }

  // When PopDue() next has something; InfiniteFuture() when nothing is armed.
  absl::Time next() const {
    return queue_.empty() ? absl::InfiniteFuture() : queue_.begin()->first;
  }

  // Takes out one item whose time has come; null when there is none.
  T* PopDue(absl::Time now) {
    if (queue_.empty() || queue_.begin()->first > now) return nullptr;
    T* item = queue_.begin()->second;
    Remove(item);
    return item;
  }

 private:
  std::set<std::pair<absl::Time, T*>> queue_;
  std::unordered_map<T*, absl::Time> armed_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_DEADLINE_QUEUE_H_
