// SPDX-License-Identifier: Apache-2.0
//
// What the scheduler keeps of each request and each runner; for its own sources only.
#ifndef TESSERA_SIMULATOR_SCHEDULER_STATE_H_
#define TESSERA_SIMULATOR_SCHEDULER_STATE_H_

#include <algorithm>
#include <deque>
#include <vector>

#include "absl/time/time.h"
#include "simulator/scheduler.h"

namespace tessera::simulator {

struct Scheduler::Ticket {
  TicketId id;
  Request request;
  Callback callback;
  absl::Time submitted;
  absl::Duration load_duration;
  bool cold = false;
  bool reloads = false;  // found the model loaded with other options
  Runner* runner = nullptr;
  bool has_slot = false;
};

struct Scheduler::Runner {
  ModelRef model;
  RunnerSettings settings;
  bool loading = true;
  int busy = 0;
  int wedged = 0;
  std::vector<TicketId> users;   // everybody attached
  std::deque<TicketId> waiting;  // of those, who wants a slot
  absl::Duration session;        // how long it stays after the last use
  absl::Time expires_at = absl::InfiniteFuture();

  // Whether a request with these settings has to start another runner.
  bool NeedsReloadFor(RunnerSettings wanted) const {
    if (wanted.num_gpu < 0) {
      wanted.num_gpu = settings.num_gpu;
    }
    return !(wanted == settings);
  }
  int free_slots() const { return std::max(1, model->spec.parallel) - busy - wedged; }
};

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SCHEDULER_STATE_H_
