// SPDX-License-Identifier: Apache-2.0
//
// Whose turn it is: interactive before batch, nine to one, and fair shares among clients.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_FAIR_QUEUE_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_FAIR_QUEUE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "services/inference/scheduling/chat_job.h"

namespace tessera::inference {

// A place in a queue. The first part is the owner's to fill in and must not change while the entry
// waits; the rest is the queue's. The owner keeps the entry alive while it waits.
struct QueueEntry {
  JobPriority priority = JobPriority::kInteractive;
  std::string client;
  double cost_seconds = 0;  // Of a slot.
  size_t bytes = 0;

  // The queue that it waits in. Changed under that queue's lock, asked under any.
  std::atomic<const void*> queue{nullptr};
  double start_tag = 0;
  uint64_t number = 0;  // Of all entries of a queue ever; older ones have smaller numbers.
};

// Start-time fair queueing, twice: between the two priorities by weights 9 and 1, and inside each
// between clients, all alike. A client's entries leave in the order in which they came. What is
// shared is the time of slots, so that ten short jobs weigh as much as one that is ten times as
// long. A client that had less than its share lately has some of it to its credit, so that those
// who always want more pay for its bursts, not it. Not thread-safe; every operation is logarithmic
// except where it says otherwise.
class FairQueue {
 public:
  FairQueue();

  // Where the entry's turn is given anew (it had one already, and lost it through no fault of its
  // own) it goes before the others of its priority.
  void Push(QueueEntry& entry, bool anew = false);
  // Whose turn it is; nullptr when nobody waits.
  const QueueEntry* Next() const;
  // The same, taken out.
  QueueEntry* Pop();
  // False when it was not waiting.
  bool Remove(QueueEntry& entry);

  size_t size() const { return classes_[0].order.size() + classes_[1].order.size(); }
  bool empty() const { return size() == 0; }
  size_t bytes() const { return bytes_; }

  // What goes before an entry that waits. Linear.
  struct Ahead {
    uint32_t entries = 0;
    double seconds = 0;
  };
  Ahead WhatIsAheadOf(const QueueEntry& entry) const;
  // Seconds of slots that everything here needs.
  double backlog_seconds() const { return classes_[0].seconds + classes_[1].seconds; }

  // Who has to go so that `newcomer`, which waits already, may stay when there is no more room: the
  // youngest batch entry where the newcomer is interactive, else the youngest entry of the client
  // that has most here, if that is not the newcomer's own. nullptr: the newcomer itself. Linear.
  QueueEntry* MostDispensable(const QueueEntry& newcomer) const;

  // In the order of turns inside each priority. The entries must stay.
  void ForEach(absl::FunctionRef<void(QueueEntry&)> visit) const;

 private:
  struct ByTurn {
    bool operator()(const QueueEntry* a, const QueueEntry* b) const {
      // Entries that come from another queue have that one's numbers.
      return std::tuple(a->start_tag, a->number, a) < std::tuple(b->start_tag, b->number, b);
    }
  };
  struct Client {
    double last_tag = 0;  // Where its next entry starts at the earliest.
    size_t waiting = 0;
  };
  struct Class {
    double weight = 1;
    double now = 0;     // Start tag of the entry that left last.
    double served = 0;  // Seconds by weight, against the other class.
    double seconds = 0;
    std::set<QueueEntry*, ByTurn> order;
    std::unordered_map<std::string, Client> clients;
  };

  Class& ClassOf(const QueueEntry& entry) { return classes_[static_cast<int>(entry.priority)]; }
  const Class& ClassOf(const QueueEntry& entry) const {
    return classes_[static_cast<int>(entry.priority)];
  }
  const Class& ClassInTurn() const;
  void TakeOut(Class& from, QueueEntry& entry);

  std::array<Class, 2> classes_;
  double served_ = 0;  // Of the class that was served last, before that.
  uint64_t next_number_ = 1;
  size_t bytes_ = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_FAIR_QUEUE_H_
