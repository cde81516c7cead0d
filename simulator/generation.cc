// SPDX-License-Identifier: Apache-2.0
#include "simulator/generation.h"

#include <algorithm>
#include <utility>

#include "simulator/context_fit.h"
#include "simulator/error_texts.h"
#include "simulator/json_text.h"
#include "simulator/text.h"

namespace tessera::simulator {

Generation::Generation(Simulation* simulation, Exchange* exchange, Plan plan)
    : simulation_(simulation),
      exchange_(exchange),
      loop_(&exchange->loop()),
      plan_(std::move(plan)),
      random_(static_cast<std::minstd_rand::result_type>(simulation->options.seed)) {}

Generation::~Generation() { loop_->CancelTimer(timer_); }

void Generation::Start() {
  Scheduler::Request wanted;
  wanted.model = plan_.model;
  wanted.settings = plan_.request.Settings(plan_.model->spec, simulation_->options.context_length);
  wanted.keep_alive = plan_.request.keep_alive;
  submitting_ = true;
  ticket_ = simulation_->scheduler->Submit(
      std::move(wanted), [weak = weak_from_this(), loop = loop_](const Admission& admission) {
        // The generation must not be touched on a foreign thread, not even to ask for its state.
        if (!loop->InThisThread()) {
          loop->Post([weak, admission] {
            if (const auto self = weak.lock()) self->OnAdmission(admission);
          });
        } else if (const auto self = weak.lock()) {
          if (self->submitting_) {
            self->early_admission_ = admission;
          } else {
            self->OnAdmission(admission);
          }
        }
      });
  submitting_ = false;
  if (early_admission_.has_value()) {
    OnAdmission(*early_admission_);
  } else {
    exchange_->Record(
        [](RequestRecord& record, Counters&) { record.phase = RequestPhase::kQueued; });
  }
}

void Generation::OnAdmission(const Admission& admission) {
  if (over_) {
    return;
  }
  switch (admission.kind) {
    case Admission::Kind::kGranted:
      BeginPrompt(admission);
      return;
    case Admission::Kind::kBusy:
      exchange_->ReplyError(503, kBusyText);
      return;
    case Admission::Kind::kLoadFailed:
      exchange_->ReplyError(500, admission.error);
      return;
    case Admission::Kind::kRunnerGone:
      loop_->CancelTimer(timer_);
      if (lines_ == 0) {
        const bool had_slot = prompt_started_ != SteadyTime();
        exchange_->ReplyRunnerError(500, had_slot ? kRunnerEofText : kRunnerStoppedText);
      } else {
        exchange_->SendLine(Concat("{\"error\":", Quoted(kRunnerEofText), "}\n"));
        exchange_->EndStream();
      }
      return;
  }
}

void Generation::BeginPrompt(const Admission& admission) {
  in_prompt_ = true;
  load_duration_ = admission.load_duration;
  num_ctx_ = admission.num_ctx;
  prompt_started_ = std::chrono::steady_clock::now();
  const ContextFit fit =
      FitContext(plan_.request, *plan_.model, simulation_->options.generation, num_ctx_);
  if (fit.status != 0) {
    if (fit.kills_runner) {
      ReleaseSlot(/*wedged=*/false);
      simulation_->scheduler->KillRunner(plan_.model);
    }
    exchange_->ReplyRunnerError(fit.status, fit.error);
    return;
  }
  prompt_tokens_ = plan_.script.prompt_tokens.value_or(fit.prompt_tokens);
  LimitAnswer(plan_.request, *plan_.model, num_ctx_, prompt_tokens_, &plan_.answer);
  exchange_->Record([&](RequestRecord& record, Counters&) {
    record.phase = RequestPhase::kPrefill;
    record.slot_granted = prompt_started_;
    record.cold = admission.cold;
    record.prompt_tokens = prompt_tokens_;
  });
  const double rate =
      plan_.script.prefill_rate.value_or(plan_.model->spec.prefill_tokens_per_second);
  SteadyDuration wait = SteadyDuration::zero();
  if (rate > 0) {
    wait = SteadyDuration(static_cast<int64_t>(prompt_tokens_ / rate * 1e9));
  }
  if (plan_.script.pause_first > absl::ZeroDuration()) {
    wait += Jittered(plan_.script.pause_first);
  }
  prompt_ends_ = prompt_started_ + wait;
  if (wait == SteadyDuration::zero()) {
    BeginAnswer();
  } else {
    After(prompt_ends_, &Generation::BeginAnswer);
  }
}

void Generation::After(SteadyTime when, void (Generation::*next)()) {
  timer_ = loop_->At(when, [this, next] {
    timer_ = 0;
    // The exchange may let go of this object in the middle of the step.
    const auto self = shared_from_this();
    (this->*next)();
  });
}

void Generation::ReleaseSlot(bool wedged) { simulation_->scheduler->Release(ticket_, wedged); }

void Generation::OnDrained() {
  if (!std::exchange(blocked_, false) || over_) {
    return;
  }
  if (big_line_left_ > 0) {
    SayBigLine();
  } else {
    SayPieces();
  }
}

void Generation::OnEnded() {
  over_ = true;
  loop_->CancelTimer(timer_);
  ReleaseSlot(wedged_);
}

void Generation::OnClientGone() {
  over_ = true;
  loop_->CancelTimer(timer_);
  const bool blocked_cancel = blocked_ && simulation_->options.wedge_on_blocked_cancel;
  const bool wished = plan_.script.wedge_on_cancel && plan_.request.stream && lines_ > 0;
  if (in_prompt_ && plan_.model->spec.finishes_prefill_after_cancel) {
    Scheduler* const scheduler = simulation_->scheduler;
    loop_->At(prompt_ends_, [scheduler, ticket = ticket_] { scheduler->Release(ticket); });
    return;
  }
  ReleaseSlot(wedged_ || blocked_cancel || wished);
}

}  // namespace tessera::simulator
