// SPDX-License-Identifier: Apache-2.0
#include "simulator/journal.h"

#include <algorithm>
#include <utility>

namespace tessera::simulator {
namespace {

constexpr absl::Duration kLongestWait = absl::Hours(24);

}  // namespace

std::string_view PhaseName(RequestPhase phase) {
  switch (phase) {
    case RequestPhase::kReceiving:
      return "receiving";
    case RequestPhase::kQueued:
      return "queued";
    case RequestPhase::kPrefill:
      return "prefill";
    case RequestPhase::kStreaming:
      return "streaming";
    case RequestPhase::kAnswered:
      return "answered";
    case RequestPhase::kClientGone:
      return "client_gone";
    case RequestPhase::kFaulted:
      return "faulted";
  }
  return "unknown";
}

const RequestRecord* JournalState::Last(std::string_view path, std::string_view model) const {
  const auto found = std::find_if(requests.rbegin(), requests.rend(), [&](const auto& record) {
    return record.path == path && (model.empty() || record.model == model);
  });
  return found == requests.rend() ? nullptr : &*found;
}

uint64_t Journal::Begin(RequestRecord record) {
  MutexLock lock(&mutex_);
  const uint64_t id = next_id_++;
  record.id = id;
  Counters& counters = state_.counters;
  ++counters.requests;
  ++counters.requests_in_flight;
  counters.max_requests_in_flight =
      std::max(counters.max_requests_in_flight, counters.requests_in_flight);
  // Paths are a client's choice; the table must not grow with them.
  if (counters.requests_by_path.size() < 64 || counters.requests_by_path.contains(record.path)) {
    ++counters.requests_by_path[record.path];
  }
  state_.requests.push_back(std::move(record));
  while (state_.requests.size() > keep_records_) {
    state_.requests.pop_front();
  }
  TellWaiters();
  return id;
}

void Journal::Update(uint64_t id, absl::FunctionRef<void(RequestRecord&, Counters&)> change) {
  MutexLock lock(&mutex_);
  const auto found = std::lower_bound(
      state_.requests.begin(), state_.requests.end(), id,
      [](const RequestRecord& record, uint64_t wanted) { return record.id < wanted; });
  if (found != state_.requests.end() && found->id == id) {
    change(*found, state_.counters);
  } else {
    RequestRecord dropped;
    change(dropped, state_.counters);
  }
  TellWaiters();
}

void Journal::Count(absl::FunctionRef<void(Counters&)> change) {
  MutexLock lock(&mutex_);
  change(state_.counters);
  TellWaiters();
}

void Journal::TellWaiters() {
  if (waiting_ > 0) {
    changed_.SignalAll();
  }
}

JournalState Journal::Snapshot() const {
  MutexLock lock(&mutex_);
  return state_;
}

Counters Journal::counters() const {
  MutexLock lock(&mutex_);
  return state_.counters;
}

bool Journal::WaitFor(absl::FunctionRef<bool(const JournalState&)> met,
                      absl::Duration limit) const {
  const SteadyTime end =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::min(limit, kLongestWait));
  MutexLock lock(&mutex_);
  ++waiting_;
  bool is_met = met(state_);
  while (!is_met) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= SteadyDuration::zero()) {
      break;
    }
    changed_.WaitFor(&mutex_, absl::FromChrono(left));
    is_met = met(state_);
  }
  --waiting_;
  return is_met;
}

void Journal::Clear() {
  MutexLock lock(&mutex_);
  Counters fresh;
  fresh.connections_open = state_.counters.connections_open;
  fresh.requests_in_flight = state_.counters.requests_in_flight;
  fresh.slots_busy = state_.counters.slots_busy;
  fresh.slots_wedged = state_.counters.slots_wedged;
  state_.counters = fresh;
  std::erase_if(state_.requests, [](const auto& record) { return !record.in_flight(); });
}

}  // namespace tessera::simulator
