// SPDX-License-Identifier: Apache-2.0
//
// The part of the scheduler that loads models: one request at a time, with eviction and reload.
#include <algorithm>
#include <chrono>
#include <utility>

#include "simulator/scheduler.h"
#include "simulator/scheduler_state.h"

namespace tessera::simulator {
namespace {

int64_t VramOf(const StoredModel& model) {
  return model.spec.loaded_vram_bytes.value_or(model.spec.size_bytes);
}

}  // namespace

void Scheduler::Pump(Calls& calls) {
  // One request at a time, first come first served: a slow load holds up all that follow.
  while (load_ == 0) {
    if (!current_.has_value()) {
      if (pending_.empty()) {
        return;
      }
      current_ = pending_.front();
      pending_.pop_front();
    }
    if (!Step(calls)) {
      return;
    }
  }
}

bool Scheduler::Step(Calls& calls) {
  Ticket& ticket = *tickets_.at(*current_);
  const StoredModel& model = *ticket.request.model;
  const auto found = runners_.find(model.weights);
  if (found != runners_.end()) {
    Runner& runner = *found->second;
    if (!runner.NeedsReloadFor(ticket.request.settings)) {
      current_.reset();
      Attach(ticket, runner, calls);
      return true;
    }
    ticket.reloads = true;
    runner.session = absl::ZeroDuration();
    if (!runner.users.empty()) {
      return false;  // its last user will pump again
    }
    Unload(model.weights);
  }
  if (!MakeRoom(model)) {
    return false;
  }
  StartLoad(ticket);
  return false;
}

bool Scheduler::MakeRoom(const StoredModel& model) {
  for (;;) {
    int64_t vram = VramOf(model);
    for (const auto& [weights, runner] : runners_) {
      vram += VramOf(*runner->model);
    }
    const bool fits = static_cast<int>(runners_.size()) < options_.max_loaded_models &&
                      (options_.vram_bytes == 0 || vram <= options_.vram_bytes);
    if (runners_.empty() || fits) {
      return true;
    }
    // Idle runners go first, those with the shortest session before the others.
    const auto victim =
        std::min_element(runners_.begin(), runners_.end(), [](const auto& a, const auto& b) {
          return std::make_pair(!a.second->users.empty(), a.second->session) <
                 std::make_pair(!b.second->users.empty(), b.second->session);
        });
    victim->second->session = absl::ZeroDuration();
    if (!victim->second->users.empty()) {
      return false;
    }
    Unload(victim->first);
  }
}

void Scheduler::StartLoad(Ticket& ticket) {
  auto runner = std::make_unique<Runner>();
  runner->model = ticket.request.model;
  runner->settings = ticket.request.settings;
  runner->session = options_.keep_alive;
  load_ = next_load_++;
  const absl::Duration load_time = runner->model->spec.load_time;
  runners_[runner->model->weights] = std::move(runner);
  journal_->Count([&](Counters& counters) {
    ++counters.loads_started;
    counters.reloads += ticket.reloads;
  });
  // Through the loop even when it takes no time, for timers belong to the loop's thread.
  loop_->Post([this, load = load_, load_time] {
    loop_->At(std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(load_time),
              [this, load] { FinishLoad(load); });
  });
}

void Scheduler::FinishLoad(uint64_t load) {
  Calls calls;
  {
    MutexLock lock(&mutex_);
    if (load_ != load) {
      return;  // aborted
    }
    load_ = 0;
    Ticket& ticket = *tickets_.at(*current_);
    current_.reset();
    Runner& runner = *runners_.at(ticket.request.model->weights);
    runner.loading = false;
    if (runner.model->spec.load_error.empty()) {
      journal_->Count([](Counters& counters) { ++counters.loads_finished; });
      Attach(ticket, runner, calls);
    } else {
      const std::string error = runner.model->spec.load_error;
      runners_.erase(ticket.request.model->weights);
      Settle(ticket, {.kind = Admission::Kind::kLoadFailed, .error = error}, calls);
    }
    Pump(calls);
  }
  for (auto& call : calls) call();
}

}  // namespace tessera::simulator
