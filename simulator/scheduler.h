// SPDX-License-Identifier: Apache-2.0
//
// Which models are loaded, who waits for a load and who for a slot. Behaves as Ollama's scheduler:
// cold requests queue in a bounded channel and are loaded one at a time; requests for a model that
// is loaded wait without bound for one of its slots; options that a runner was not started with
// force a reload.
#ifndef TESSERA_SIMULATOR_SCHEDULER_H_
#define TESSERA_SIMULATOR_SCHEDULER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "simulator/event_loop.h"
#include "simulator/journal.h"
#include "simulator/model_table.h"

namespace tessera::simulator {

// The options that a runner is started with; a request whose values differ reloads the model.
struct RunnerSettings {
  int num_ctx = 4096;
  int num_batch = 512;
  int num_gpu = -1;  // -1 takes whatever is loaded
  int num_thread = 0;
  int draft_num_predict = 0;
  std::optional<int> main_gpu;
  std::optional<bool> use_mmap;
  bool shift = true;

  bool operator==(const RunnerSettings&) const = default;
};

// How a wait ended.
struct Admission {
  enum class Kind {
    kGranted,
    kBusy,        // the queue for loads is full: 503
    kLoadFailed,  // `error` says why: 500
    kRunnerGone,  // the runner died while the request waited for it, or was using it
  };
  Kind kind = Kind::kGranted;
  std::string error;
  bool cold = false;             // waited for a load
  absl::Duration load_duration;  // scheduler and load, not the wait for a slot
  int num_ctx = 0;               // what the runner has
};

struct RunnerStatus {
  ModelRef model;  // the name that loaded it
  absl::Time expires_at;
  int num_ctx = 0;
  int num_gpu = -1;
  int slots_busy = 0;
  int slots_wedged = 0;
  int waiting = 0;
};

// Thread-safe. Callbacks run outside its lock, on the thread whose call caused them or on `loop`.
class Scheduler {
 public:
  struct Options {
    size_t max_queue = 512;
    int max_loaded_models = 3;
    int64_t vram_bytes = 0;  // 0: no limit
    absl::Duration keep_alive = absl::Minutes(5);
  };
  struct Request {
    ModelRef model;
    RunnerSettings settings;
    std::optional<absl::Duration> keep_alive;
    bool needs_slot = true;  // false: wants the model loaded, nothing else
  };
  using TicketId = uint64_t;
  // Runs once with the outcome. If that was kGranted, it may run once more with kRunnerGone.
  using Callback = std::function<void(const Admission&)>;

  // `loop` times loads and expiries; it and `journal` must outlive the scheduler.
  Scheduler(Options options, EventLoop* loop, Journal* journal);
  ~Scheduler();

  TicketId Submit(Request request, Callback callback);
  // Ends a wait or gives the slot back. `wedged`: the runner never notices, its slot stays taken
  // until the runner is replaced. Unknown tickets are ignored.
  void Release(TicketId ticket, bool wedged = false);

  // What keep_alive 0 with an empty prompt does: unloads once nobody uses the runner.
  void Expire(const ModelRef& model);
  // The runner's process dies: everybody on it gets kRunnerGone.
  void KillRunner(const ModelRef& model);
  // The server's process dies: runners and waits are forgotten, nobody is told.
  void Clear();

  // Longest expiry first; what is still loading does not show.
  std::vector<RunnerStatus> Running() const;

 private:
  struct Ticket;
  struct Runner;
  using Calls = std::vector<std::function<void()>>;
  using RunnerMap = std::map<std::string, std::unique_ptr<Runner>>;

  // The metadata is read: to the runner, or into the queue for a load.
  void Enter(Ticket& ticket, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EnterLater(TicketId id, absl::Duration metadata_time);
  void Pump(Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Step(Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MakeRoom(const StoredModel& model) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartLoad(Ticket& ticket) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FinishLoad(uint64_t load);
  void Attach(Ticket& ticket, Runner& runner, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FillSlots(Runner& runner, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Detach(Ticket& ticket, bool wedged, Calls& calls) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Settle(Ticket& ticket, Admission admission, Calls& calls)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Unload(const std::string& weights) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Rest(Runner& runner) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Sweep();
  void CountSlots(int64_t busy, int64_t wedged);

  const Options options_;
  EventLoop* const loop_;
  Journal* const journal_;
  mutable Mutex mutex_;
  RunnerMap runners_ ABSL_GUARDED_BY(mutex_);  // by weights
  std::map<TicketId, std::unique_ptr<Ticket>> tickets_ ABSL_GUARDED_BY(mutex_);
  std::deque<TicketId> pending_ ABSL_GUARDED_BY(mutex_);
  std::optional<TicketId> current_ ABSL_GUARDED_BY(mutex_);  // the one being loaded for
  uint64_t load_ ABSL_GUARDED_BY(mutex_) = 0;  // number of the load that runs, 0: none
  uint64_t next_load_ ABSL_GUARDED_BY(mutex_) = 1;
  TicketId next_ticket_ ABSL_GUARDED_BY(mutex_) = 1;
  absl::Time next_sweep_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SCHEDULER_H_
