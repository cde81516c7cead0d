// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/fair_queue.h"

#include <algorithm>

namespace tessera::inference {
namespace {
constexpr double kInteractiveWeight = 0.9;
constexpr double kBatchWeight = 0.1;
constexpr size_t kMostClients = 4096;
// Entries of its own that a client may have to its credit.
constexpr double kMostCredit = 8;
}  // namespace

FairQueue::FairQueue() {
  classes_[static_cast<int>(JobPriority::kInteractive)].weight = kInteractiveWeight;
  classes_[static_cast<int>(JobPriority::kBatch)].weight = kBatchWeight;
}

void FairQueue::Push(QueueEntry& entry, bool anew) {
  Class& in = ClassOf(entry);
  // Time that nobody used is nobody's credit.
  if (in.order.empty()) in.served = std::max(in.served, served_);
  // Callers choose their names, so what they owe is forgotten before it piles up.
  if (in.clients.size() > kMostClients) {
    std::erase_if(in.clients, [](const auto& client) { return client.second.waiting == 0; });
  }
  Client& client = in.clients[entry.client];
  if (anew) {
    entry.start_tag = in.order.empty() ? in.now : std::min(in.now, (*in.order.begin())->start_tag);
  } else {
    entry.start_tag = std::max(in.now - kMostCredit * entry.cost_seconds, client.last_tag);
    client.last_tag = entry.start_tag + entry.cost_seconds;
    entry.number = next_number_++;
  }
  entry.queue = this;
  ++client.waiting;
  in.seconds += entry.cost_seconds;
  bytes_ += entry.bytes;
  in.order.insert(&entry);
}

const FairQueue::Class& FairQueue::ClassInTurn() const {
  const auto& [interactive, batch] = classes_;
  const bool batch_turn =
      interactive.order.empty() || (!batch.order.empty() && batch.served < interactive.served);
  return batch_turn ? batch : interactive;
}

const QueueEntry* FairQueue::Next() const {
  const Class& from = ClassInTurn();
  return from.order.empty() ? nullptr : *from.order.begin();
}

QueueEntry* FairQueue::Pop() {
  if (empty()) return nullptr;
  QueueEntry* const entry = *ClassInTurn().order.begin();
  Class& from = ClassOf(*entry);
  from.now = std::max(from.now, entry->start_tag);
  served_ = from.served;
  from.served += entry->cost_seconds / from.weight;
  TakeOut(from, *entry);
  return entry;
}

bool FairQueue::Remove(QueueEntry& entry) {
  if (entry.queue != this) return false;
  Class& from = ClassOf(entry);
  // Its client has not had what it was charged for.
  from.clients[entry.client].last_tag -= entry.cost_seconds;
  TakeOut(from, entry);
  return true;
}

void FairQueue::TakeOut(Class& from, QueueEntry& entry) {
  from.order.erase(&entry);
  entry.queue = nullptr;
  from.seconds = from.order.empty() ? 0 : from.seconds - entry.cost_seconds;
  bytes_ -= entry.bytes;
  const auto client = from.clients.find(entry.client);
  --client->second.waiting;
  // A client that has nothing here and all its credit is as good as new.
  if (client->second.waiting == 0 &&
      client->second.last_tag <= from.now - kMostCredit * entry.cost_seconds) {
    from.clients.erase(client);
  }
}

FairQueue::Ahead FairQueue::WhatIsAheadOf(const QueueEntry& entry) const {
  const Class& own = ClassOf(entry);
  const Class& other = classes_[1 - static_cast<int>(entry.priority)];
  Ahead ahead;
  for (const QueueEntry* waiting : own.order) {
    if (waiting == &entry) break;
    ++ahead.entries;
    ahead.seconds += waiting->cost_seconds;
  }
  // Of the other class goes first what its weight gives it meanwhile.
  const double share =
      std::min(other.seconds, (ahead.seconds + entry.cost_seconds) * other.weight / own.weight);
  if (other.seconds > 0 && entry.priority == JobPriority::kBatch) {
    ahead.entries +=
        static_cast<uint32_t>(static_cast<double>(other.order.size()) * share / other.seconds);
    ahead.seconds += share;
  } else if (ahead.seconds > 0) {
    ahead.seconds += std::min(other.seconds, ahead.seconds * other.weight / own.weight);
  }
  return ahead;
}

QueueEntry* FairQueue::MostDispensable(const QueueEntry& newcomer) const {
  const auto greediest = [](const Class& in) {
    return std::max_element(in.clients.begin(), in.clients.end(), [](const auto& a, const auto& b) {
      return a.second.waiting < b.second.waiting;
    });
  };
  const auto youngest_of = [](const Class& in, const std::string& name) {
    QueueEntry* youngest = nullptr;
    for (QueueEntry* entry : in.order) {
      if (entry->client == name && (youngest == nullptr || entry->number > youngest->number)) {
        youngest = entry;
      }
    }
    return youngest;
  };
  const Class& batch = classes_[static_cast<int>(JobPriority::kBatch)];
  if (newcomer.priority == JobPriority::kInteractive && !batch.order.empty()) {
    return youngest_of(batch, greediest(batch)->first);
  }
  const Class& own = ClassOf(newcomer);
  const auto most = greediest(own);
  const auto mine = own.clients.find(newcomer.client);
  return most->second.waiting > mine->second.waiting ? youngest_of(own, most->first) : nullptr;
}

void FairQueue::ForEach(absl::FunctionRef<void(QueueEntry&)> visit) const {
  for (const Class& in : classes_) {
    for (QueueEntry* entry : in.order) visit(*entry);
  }
}

}  // namespace tessera::inference
