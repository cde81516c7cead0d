// SPDX-License-Identifier: Apache-2.0
//
// What the simulator saw and did: counters and one record per request. Tests read it to learn when
// a client's going was noticed, what arrived, and how far an answer got.
#ifndef TESSERA_SIMULATOR_JOURNAL_H_
#define TESSERA_SIMULATOR_JOURNAL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "simulator/event_loop.h"

namespace tessera::simulator {

struct ReceivedPicture {
  std::string sha256;  // 64 hex digits, of the decoded bytes
  uint64_t bytes = 0;
  std::string format;  // "jpeg", "png", ... or "unknown"
  int width_px = 0;
  int height_px = 0;
  int prompt_tokens = 0;
};

enum class RequestPhase {
  kReceiving,  // head seen, body incomplete
  kQueued,     // waiting for a load or a slot
  kPrefill,    // has its slot, first token pending
  kStreaming,  // at least one token out
  kAnswered,   // the last byte was handed to the kernel
  kClientGone,
  kFaulted,  // ended by a fault on purpose: reset, abort, silent close
};
std::string_view PhaseName(RequestPhase phase);

struct RequestRecord {
  uint64_t id = 0;
  uint64_t connection = 0;  // number of the connection, from 1
  std::string method;
  std::string path;
  std::string request_id;  // X-Request-Id
  std::string model;
  std::string prompt;  // the last user message, at most 256 bytes
  std::string answer;  // "script", "prompt" or empty: who decided what to answer
  uint64_t body_bytes = 0;
  bool streaming = false;
  bool cold = false;  // waited for a load
  std::optional<absl::Duration> keep_alive;
  int num_predict = -1;
  std::vector<ReceivedPicture> pictures;
  int status = 0;  // 0: no head was sent
  int lines_sent = 0;
  int prompt_tokens = 0;
  int tokens_sent = 0;
  RequestPhase phase = RequestPhase::kReceiving;
  // The phase in which the client was when it went; meaningful for kClientGone only.
  RequestPhase gone_in = RequestPhase::kReceiving;
  SteadyTime received{};
  std::optional<SteadyTime> slot_granted;
  std::optional<SteadyTime> first_line;
  std::optional<SteadyTime> ended;  // answered, faulted, or the client's going noticed

  bool in_flight() const { return phase < RequestPhase::kAnswered; }
};

struct Counters {
  uint64_t connections_accepted = 0;
  uint64_t connections_open = 0;
  uint64_t requests = 0;
  uint64_t requests_in_flight = 0;
  uint64_t max_requests_in_flight = 0;
  uint64_t answered = 0;
  uint64_t clients_gone = 0;
  uint64_t faulted = 0;
  uint64_t lines_sent = 0;
  uint64_t tokens_sent = 0;
  uint64_t loads_started = 0;
  uint64_t loads_finished = 0;
  uint64_t loads_aborted = 0;
  uint64_t reloads = 0;  // loads that replaced a runner whose options differed
  uint64_t unloads = 0;
  uint64_t busy_refusals = 0;
  uint64_t slots_busy = 0;
  uint64_t max_slots_busy = 0;
  uint64_t slots_wedged = 0;
  std::map<std::string, uint64_t> requests_by_path;
};

// Everything known at one moment.
struct JournalState {
  Counters counters;
  std::deque<RequestRecord> requests;  // oldest first; only the latest are kept

  // The latest record on `path` (and, if given, of `model`); nullptr when there is none.
  const RequestRecord* Last(std::string_view path, std::string_view model = {}) const;
};

// Thread-safe.
class Journal {
 public:
  explicit Journal(size_t keep_records) : keep_records_(keep_records) {}

  // Starts a record and returns its id.
  uint64_t Begin(RequestRecord record);
  // Changes a record, unless it was dropped already, and the counters with it.
  void Update(uint64_t id, absl::FunctionRef<void(RequestRecord&, Counters&)> change);
  void Count(absl::FunctionRef<void(Counters&)> change);

  JournalState Snapshot() const;
  Counters counters() const;
  // Waits until `met` returns true; false when `limit` passed first. `met` runs under the lock, on
  // every change, so it should be short and must not call back into the journal.
  bool WaitFor(absl::FunctionRef<bool(const JournalState&)> met, absl::Duration limit) const;
  // Forgets records and counters, except for what is open now.
  void Clear();

 private:
  void TellWaiters() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t keep_records_;
  mutable Mutex mutex_;
  mutable CondVar changed_;
  mutable int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  JournalState state_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_JOURNAL_H_
