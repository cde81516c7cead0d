// SPDX-License-Identifier: Apache-2.0
#include "simulator/model_load.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "simulator/error_texts.h"
#include "simulator/wire.h"

namespace tessera::simulator {
namespace {

class AdmissionWait : public Activity, public std::enable_shared_from_this<AdmissionWait> {
 public:
  AdmissionWait(Simulation* simulation, Exchange* exchange,
                std::function<void(const Admission&)> answer)
      : simulation_(simulation), exchange_(exchange), answer_(std::move(answer)) {}

  void Start(Scheduler::Request wanted) {
    EventLoop* const loop = &exchange_->loop();
    // Always through the loop: the ticket must be known before it can be given back.
    ticket_ = simulation_->scheduler->Submit(
        std::move(wanted), [weak = weak_from_this(), loop](const Admission& admission) {
          loop->Post([weak, admission] {
            if (const auto self = weak.lock()) self->OnAdmission(admission);
          });
        });
    exchange_->Record(
        [](RequestRecord& record, Counters&) { record.phase = RequestPhase::kQueued; });
  }

  void OnClientGone() override { Leave(); }
  void OnEnded() override { Leave(); }

 private:
  void OnAdmission(const Admission& admission) {
    if (over_) {
      return;
    }
    switch (admission.kind) {
      case Admission::Kind::kGranted:
        simulation_->scheduler->Release(ticket_);
        answer_(admission);
        return;
      case Admission::Kind::kBusy:
        exchange_->ReplyError(503, kBusyText);
        return;
      case Admission::Kind::kLoadFailed:
        exchange_->ReplyError(500, admission.error);
        return;
      case Admission::Kind::kRunnerGone:
        exchange_->ReplyError(500, kRunnerStoppedText);
        return;
    }
  }

  void Leave() {
    over_ = true;
    simulation_->scheduler->Release(ticket_);
  }

  Simulation* const simulation_;
  Exchange* const exchange_;  // owns this; not to be used once over_
  const std::function<void(const Admission&)> answer_;
  Scheduler::TicketId ticket_ = 0;
  bool over_ = false;
};

std::string DoneLine(const GenerationRequest& request, std::string_view reason) {
  LineEnd end;
  end.done_reason = reason;
  return RenderLine(request.is_chat, request.model, {}, &end);
}

}  // namespace

void WhenAdmitted(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                  Scheduler::Request wanted, std::function<void(const Admission&)> answer) {
  auto wait = std::make_shared<AdmissionWait>(&simulation, exchange.get(), std::move(answer));
  exchange->Run(wait);
  wait->Start(std::move(wanted));
}

void ReplyWhenLoaded(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                     const GenerationRequest& request, const ModelRef& model) {
  Scheduler::Request wanted;
  wanted.model = model;
  wanted.settings = request.Settings(model->spec, simulation.options.context_length);
  wanted.keep_alive = request.keep_alive;
  wanted.needs_slot = false;
  // The exchange owns the wait, and so this function: a shared pointer would never let go.
  WhenAdmitted(simulation, exchange, std::move(wanted),
               [open = exchange.get(), request](const Admission&) {
                 open->ReplyJson(DoneLine(request, "load"));
               });
}

void ReplyUnloaded(Simulation& simulation, const std::shared_ptr<Exchange>& exchange,
                   const GenerationRequest& request, const ModelRef& model) {
  simulation.scheduler->Expire(model);
  exchange->ReplyJson(DoneLine(request, "unload"));
}

}  // namespace tessera::simulator
