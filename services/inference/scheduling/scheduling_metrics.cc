// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/scheduling_metrics.h"

#include "common/metrics/buckets.h"

namespace tessera::inference {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Registry;

constexpr char kOther[] = "other";

prometheus::Family<prometheus::Histogram>& Histograms(Registry& registry, const char* name,
                                                      const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Counter>& Counters(Registry& registry, const char* name,
                                                  const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Gauge>& Gauges(Registry& registry, const char* name,
                                              const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

SchedulingMetrics::SchedulingMetrics(Registry& registry)
    : backend_up_(
          Gauges(registry, "tessera_inference_backend_up", "1 while this engine answers, else 0.")),
      queued_(Gauges(registry, "tessera_inference_queue_depth",
                     "Requests that wait for a slot, by priority.")),
      slots_(Gauges(registry, "tessera_inference_slots",
                    "Answers that the engine makes of a model at once, configured or learnt.")),
      slots_busy_(
          Gauges(registry, "tessera_inference_slots_busy", "Slots with a request of ours.")),
      slots_unreleased_(
          Gauges(registry, "tessera_inference_slots_unreleased",
                 "Slots whose request was cancelled while the engine goes on with it.")),
      breaker_state_(Gauges(registry, "tessera_inference_breaker_state",
                            "Circuit breaker: 0 closed, 1 half-open, 2 open.")),
      loaded_(Gauges(registry, "tessera_inference_model_loaded",
                     "1 while the engine has the model in memory.")),
      rate_(Gauges(registry, "tessera_inference_learnt_tokens_per_second",
                   "Speed that predictions use, by phase: prefill or decode.")),
      breaker_opened_(Counters(registry, "tessera_inference_breaker_opened_total",
                               "Times that a circuit breaker opened.")),
      loads_(Counters(registry, "tessera_inference_model_loads_total",
                      "Times that a request found the model not loaded and had it loaded.")),
      handed_ahead_(Counters(registry, "tessera_inference_handed_ahead_total",
                             "Requests given to the engine shortly before there was a slot, so "
                             "that it reads the model's metadata meanwhile.")),
      wedges_(Counters(registry, "tessera_inference_wedges_total",
                       "Times that a model answered nobody any more and was unloaded by force.")),
      queue_wait_(Histograms(registry, "tessera_inference_queue_wait_seconds",
                             "From a request to its slot, seconds, by priority.")),
      queue_wait_error_(Histograms(
          registry, "tessera_inference_queue_wait_error_seconds",
          "Difference between the predicted and the real wait of requests that waited, seconds.")),
      load_seconds_(Histograms(registry, "tessera_inference_model_load_seconds",
                               "Loading a model, by the engine's count, seconds.")) {
  auto& refused = Counters(registry, "tessera_inference_queue_refused_total",
                           "Requests that were refused before an engine saw them, by reason.");
  for (const char* reason : {"QUEUE_FULL", "DEADLINE_UNMEETABLE", "IMAGE_POISONED",
                             "CONTEXT_OVERFLOW", "ENGINE_UNREACHABLE", kOther}) {
    refused_[reason] = &refused.Add({{"reason", reason}});
  }
  auto& retries = Counters(registry, "tessera_inference_retries_total",
                           "Further tries, by the reason with which the last one failed.");
  for (const char* reason :
       {"ENGINE_UNREACHABLE", "ENGINE_STREAM_BROKEN", "ENGINE_RUNNER_FAILED", "ENGINE_BUSY",
        "ENGINE_TIMEOUT", "ENGINE_REPLY_INVALID", "ENGINE_FAILED", "ENGINE_WEDGED", kOther}) {
    retries_[reason] = &retries.Add({{"reason", reason}});
  }
  const auto counter = [&](const char* name, const char* help) {
    return &Counters(registry, name, help).Add({});
  };
  const auto gauge = [&](const char* name, const char* help) {
    return &Gauges(registry, name, help).Add({});
  };
  retries_without_budget_ = counter("tessera_inference_retries_without_budget_total",
                                    "Retries not made because too many were made lately.");
  pushed_out_ = counter("tessera_inference_queue_pushed_out_total",
                        "Waiting requests that made room for those of a client with fewer.");
  reloads_avoided_ = counter(
      "tessera_inference_reloads_avoided_total",
      "Requests kept from an engine where they would have displaced a model that is in use.");
  reloads_ = counter("tessera_inference_reloads_total",
                     "Requests that had the engine load their model with other options.");
  moved_ =
      counter("tessera_inference_moved_total", "Waiting requests that moved to another engine.");
  held_bytes_ = gauge("tessera_inference_held_bytes",
                      "Texts and pictures of all requests that wait or run, bytes.");
  queue_limit_ = gauge("tessera_inference_queue_limit",
                       "Requests that may wait for a slot of one model on one engine.");
  jobs_ = gauge("tessera_inference_jobs", "Requests that wait or run.");
  poisoned_ = gauge("tessera_inference_poisoned_pictures",
                    "Pictures that are refused because they crashed a model.");
  auto& cancelled = Counters(registry, "tessera_inference_cancelled_in_phase_total",
                             "Requests whose caller went away, by the phase they were in.");
  auto& stage = Histograms(registry, "tessera_inference_phase_seconds",
                           "Time in each phase of a request, seconds.");
  for (size_t i = 0; i < kJobStageNames.size(); ++i) {
    const prometheus::Labels labels{{"phase", std::string(kJobStageNames[i])}};
    cancelled_[i] = &cancelled.Add(labels);
    stage_[i] = &stage.Add(labels, buckets::kTimeToFirstToken);
  }
  cancel_to_release_ =
      &Histograms(registry, "tessera_inference_cancel_to_release_seconds",
                  "From a cancellation until the slot could be used again, seconds.")
           .Add({}, buckets::kStageDuration);
  auto& wasted = Counters(registry, "tessera_inference_wasted_tokens_total",
                          "Tokens of tries that nobody got the answer of, by direction.");
  wasted_prompt_ = &wasted.Add({{"direction", "input"}});
  wasted_output_ = &wasted.Add({{"direction", "output"}});
  between_pieces_ = &Histograms(registry, "tessera_inference_inter_token_seconds",
                                "Between two pieces of an answer, seconds.")
                         .Add({}, buckets::kTimePerOutputToken);
  self_seconds_ =
      &Histograms(registry, "tessera_inference_self_seconds",
                  "Time of a request spent inside the service: neither waiting for a slot nor "
                  "for the engine, seconds.")
           .Add({}, buckets::kSelfTime);
  auto& kept = Counters(registry, "tessera_inference_kept_model_loads_total",
                        "Loads of models that are to stay in memory, by result.");
  kept_loads_ = {&kept.Add({{"result", "ok"}}), &kept.Add({{"result", "failed"}})};
}

LaneSeries SchedulingMetrics::OfLane(const std::string& backend, const std::string& model) {
  const prometheus::Labels labels{{"backend", backend}, {"gen_ai_request_model", model}};
  const auto with = [](prometheus::Labels base, const char* key, const char* value) {
    base[key] = value;
    return base;
  };
  const prometheus::Labels of_model{{"gen_ai_request_model", model}};
  return {.queued = {&queued_.Add(with(labels, "priority", "interactive")),
                     &queued_.Add(with(labels, "priority", "batch"))},
          .slots = &slots_.Add(labels),
          .slots_busy = &slots_busy_.Add(labels),
          .slots_unreleased = &slots_unreleased_.Add(labels),
          .breaker_state = &breaker_state_.Add(labels),
          .loaded = &loaded_.Add(labels),
          .prefill_rate = &rate_.Add(with(labels, "phase", "prefill")),
          .decode_rate = &rate_.Add(with(labels, "phase", "decode")),
          .breaker_opened = &breaker_opened_.Add(labels),
          .loads = &loads_.Add(labels),
          .handed_ahead = &handed_ahead_.Add(labels),
          .wedges = &wedges_.Add(labels),
          .queue_wait = {&queue_wait_.Add(with(of_model, "priority", "interactive"),
                                          buckets::kTimeToFirstToken),
                         &queue_wait_.Add(with(of_model, "priority", "batch"),
                                          buckets::kTimeToFirstToken)},
          .queue_wait_error = &queue_wait_error_.Add(of_model, buckets::kTimeToFirstToken),
          .load_seconds = &load_seconds_.Add(of_model, buckets::kTimeToFirstToken)};
}

void SchedulingMetrics::Count(const Reasons& reasons, std::string_view reason) {
  auto found = reasons.find(reason);
  if (found == reasons.end()) found = reasons.find(kOther);
  found->second->Increment();
}

void SchedulingMetrics::SetEngineUp(const std::string& backend, bool up) {
  backend_up_.Add({{"backend", backend}}).Set(up ? 1 : 0);
}

void SchedulingMetrics::CountRefusal(std::string_view reason) { Count(refused_, reason); }
void SchedulingMetrics::CountRetry(std::string_view reason) { Count(retries_, reason); }

}  // namespace tessera::inference
