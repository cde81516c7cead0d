// SPDX-License-Identifier: Apache-2.0
#include "simulator/scheduler.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "simulator/scheduler_state.h"

namespace tessera::simulator {
namespace {

// "For ever", as Ollama prints it: the largest duration Go has, about 292 years.
constexpr int64_t kForeverHours = 2'562'047;
// Sessions beyond this need no timer.
constexpr absl::Duration kLongestTimed = absl::Hours(24 * 365);

}  // namespace

Scheduler::Scheduler(Options options, EventLoop* loop, Journal* journal)
    : options_(options), loop_(loop), journal_(journal) {}

Scheduler::~Scheduler() = default;

Scheduler::TicketId Scheduler::Submit(Request request, Callback callback) {
  Calls calls;
  TicketId id;
  {
    MutexLock lock(&mutex_);
    id = next_ticket_++;
    auto owned = std::make_unique<Ticket>();
    Ticket& ticket = *owned;
    ticket.id = id;
    ticket.request = std::move(request);
    ticket.callback = std::move(callback);
    ticket.submitted = absl::Now();
    tickets_.emplace(id, std::move(owned));
    const absl::Duration metadata_time = ticket.request.model->spec.metadata_time;
    if (metadata_time > absl::ZeroDuration()) {
      EnterLater(id, metadata_time);
    } else {
      Enter(ticket, calls);
    }
  }
  for (auto& call : calls) call();
  return id;
}

void Scheduler::EnterLater(TicketId id, absl::Duration metadata_time) {
  const SteadyTime when =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(metadata_time);
  // Timers belong to the loop's thread.
  loop_->Post([this, id, when] {
    loop_->At(when, [this, id] {
      Calls calls;
      {
        MutexLock lock(&mutex_);
        const auto found = tickets_.find(id);
        if (found == tickets_.end()) {
          return;
        }
        Enter(*found->second, calls);
      }
      for (auto& call : calls) call();
    });
  });
}

void Scheduler::Enter(Ticket& ticket, Calls& calls) {
  const auto found = runners_.find(ticket.request.model->weights);
  if (found != runners_.end() && !found->second->loading &&
      !found->second->NeedsReloadFor(ticket.request.settings)) {
    Attach(ticket, *found->second, calls);
  } else if (pending_.size() >= options_.max_queue && current_.has_value()) {
    journal_->Count([](Counters& counters) { ++counters.busy_refusals; });
    Settle(ticket, {.kind = Admission::Kind::kBusy}, calls);
  } else {
    ticket.cold = true;
    pending_.push_back(ticket.id);
    Pump(calls);
  }
}

void Scheduler::Release(TicketId id, bool wedged) {
  Calls calls;
  {
    MutexLock lock(&mutex_);
    const auto found = tickets_.find(id);
    if (found == tickets_.end()) {
      return;
    }
    const std::unique_ptr<Ticket> ticket = std::move(found->second);
    tickets_.erase(found);
    if (ticket->runner != nullptr) {
      Detach(*ticket, wedged, calls);
    } else if (current_ == id) {
      // The one for whom the model is being loaded takes the load with it.
      current_.reset();
      if (load_ != 0) {
        load_ = 0;
        runners_.erase(ticket->request.model->weights);
        journal_->Count([](Counters& counters) { ++counters.loads_aborted; });
      }
    } else {
      std::erase(pending_, id);
    }
    Pump(calls);
  }
  for (auto& call : calls) call();
}

void Scheduler::Expire(const ModelRef& model) {
  Calls calls;
  {
    MutexLock lock(&mutex_);
    const auto found = runners_.find(model->weights);
    if (found == runners_.end() || found->second->loading) {
      return;
    }
    found->second->session = absl::ZeroDuration();
    if (found->second->users.empty()) {
      Unload(model->weights);
      Pump(calls);
    }
  }
  for (auto& call : calls) call();
}

void Scheduler::KillRunner(const ModelRef& model) {
  Calls calls;
  {
    MutexLock lock(&mutex_);
    const auto found = runners_.find(model->weights);
    if (found == runners_.end() || found->second->loading) {
      return;
    }
    const std::vector<TicketId> users = found->second->users;
    for (const TicketId id : users) {
      Ticket& ticket = *tickets_.at(id);
      ticket.runner = nullptr;
      Settle(ticket, {.kind = Admission::Kind::kRunnerGone}, calls);
    }
    Unload(model->weights);
    Pump(calls);
  }
  for (auto& call : calls) call();
}

void Scheduler::Clear() {
  MutexLock lock(&mutex_);
  while (!runners_.empty()) {
    Unload(runners_.begin()->first);
  }
  tickets_.clear();
  pending_.clear();
  current_.reset();
  load_ = 0;
}

std::vector<RunnerStatus> Scheduler::Running() const {
  std::vector<RunnerStatus> running;
  MutexLock lock(&mutex_);
  for (const auto& [weights, runner] : runners_) {
    if (runner->loading) {
      continue;
    }
    absl::Time expires_at = runner->expires_at;
    if (!runner->users.empty()) {
      expires_at = absl::Now() + std::min(runner->session, absl::Hours(kForeverHours));
    }
    running.push_back({runner->model, expires_at, runner->settings.num_ctx,
                       runner->settings.num_gpu, runner->busy, runner->wedged,
                       static_cast<int>(runner->waiting.size())});
  }
  std::stable_sort(running.begin(), running.end(),
                   [](const auto& a, const auto& b) { return a.expires_at > b.expires_at; });
  return running;
}

void Scheduler::Attach(Ticket& ticket, Runner& runner, Calls& calls) {
  ticket.runner = &runner;
  ticket.load_duration = absl::Now() - ticket.submitted;
  runner.users.push_back(ticket.id);
  if (ticket.request.keep_alive.has_value()) {
    runner.session = *ticket.request.keep_alive;
  }
  if (ticket.request.needs_slot) {
    runner.waiting.push_back(ticket.id);
    FillSlots(runner, calls);
  } else {
    Settle(ticket,
           {.cold = ticket.cold,
            .load_duration = ticket.load_duration,
            .num_ctx = runner.settings.num_ctx},
           calls);
  }
}

void Scheduler::FillSlots(Runner& runner, Calls& calls) {
  while (!runner.waiting.empty() && runner.free_slots() > 0) {
    Ticket& ticket = *tickets_.at(runner.waiting.front());
    runner.waiting.pop_front();
    ticket.has_slot = true;
    ++runner.busy;
    CountSlots(1, 0);
    Settle(ticket,
           {.cold = ticket.cold,
            .load_duration = ticket.load_duration,
            .num_ctx = runner.settings.num_ctx},
           calls);
  }
}

void Scheduler::Detach(Ticket& ticket, bool wedged, Calls& calls) {
  Runner& runner = *ticket.runner;
  std::erase(runner.users, ticket.id);
  if (ticket.has_slot) {
    --runner.busy;
    runner.wedged += wedged;
    CountSlots(-1, wedged);
  } else {
    std::erase(runner.waiting, ticket.id);
  }
  if (runner.users.empty()) {
    Rest(runner);
  } else {
    FillSlots(runner, calls);
  }
}

void Scheduler::Settle(Ticket& ticket, Admission admission, Calls& calls) {
  calls.push_back(
      [callback = ticket.callback, admission = std::move(admission)] { callback(admission); });
}

void Scheduler::Unload(const std::string& weights) {
  const auto found = runners_.find(weights);
  CountSlots(-found->second->busy, -found->second->wedged);
  if (!found->second->loading) {
    journal_->Count([](Counters& counters) { ++counters.unloads; });
  }
  runners_.erase(found);
}

void Scheduler::Rest(Runner& runner) {
  if (runner.session <= absl::ZeroDuration()) {
    Unload(std::string(runner.model->weights));
    return;
  }
  runner.expires_at = absl::Now() + std::min(runner.session, absl::Hours(kForeverHours));
  // Uses push the expiry out far more often than it comes, so one timer for the earliest is
  // enough: when it finds nothing expired it is set again.
  if (runner.session < kLongestTimed && runner.expires_at < next_sweep_) {
    next_sweep_ = runner.expires_at;
    const absl::Duration wait = runner.session;
    loop_->Post([this, wait] {
      loop_->At(std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(wait),
                [this] { Sweep(); });
    });
  }
}

void Scheduler::Sweep() {
  Calls calls;
  {
    MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    next_sweep_ = absl::InfiniteFuture();
    std::vector<std::string> expired;
    for (const auto& [weights, runner] : runners_) {
      if (!runner->loading && runner->users.empty()) {
        if (runner->expires_at <= now) {
          expired.push_back(weights);
        } else if (runner->session < kLongestTimed) {
          next_sweep_ = std::min(next_sweep_, runner->expires_at);
        }
      }
    }
    for (const std::string& weights : expired) {
      Unload(weights);
    }
    if (next_sweep_ != absl::InfiniteFuture()) {
      loop_->At(std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(next_sweep_ - now),
                [this] { Sweep(); });
    }
    Pump(calls);
  }
  for (auto& call : calls) call();
}

void Scheduler::CountSlots(int64_t busy, int64_t wedged) {
  if (busy == 0 && wedged == 0) {
    return;
  }
  journal_->Count([&](Counters& counters) {
    counters.slots_busy += static_cast<uint64_t>(busy);
    counters.slots_wedged += static_cast<uint64_t>(wedged);
    counters.max_slots_busy = std::max(counters.max_slots_busy, counters.slots_busy);
  });
}

}  // namespace tessera::simulator
