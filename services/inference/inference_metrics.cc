// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_metrics.h"

#include <algorithm>

#include "common/metrics/buckets.h"
#include "common/status/error.h"
#include "services/inference/error_reasons.h"

namespace tessera::inference {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

constexpr char kOther[] = "other";

prometheus::Family<prometheus::Histogram>& HistogramFamily(prometheus::Registry& registry,
                                                           const char* name, const char* help) {
  return BuildHistogram().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Counter>& CounterFamily(prometheus::Registry& registry,
                                                       const char* name, const char* help) {
  return BuildCounter().Name(name).Help(help).Register(registry);
}
prometheus::Family<prometheus::Gauge>& GaugeFamily(prometheus::Registry& registry, const char* name,
                                                   const char* help) {
  return BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

InferenceMetrics::InferenceMetrics(prometheus::Registry& registry,
                                   const std::set<std::string>& known_models, size_t max_models)
    : time_to_first_token_(
          HistogramFamily(registry, "gen_ai_server_time_to_first_token_seconds",
                          "From the request to the first token, seconds; successful requests.")),
      time_per_output_token_(
          HistogramFamily(registry, "gen_ai_server_time_per_output_token_seconds",
                          "Mean time per token after the first, seconds; successful requests.")),
      request_duration_(HistogramFamily(registry, "gen_ai_server_request_duration_seconds",
                                        "From the request to its end, seconds; all requests.")),
      tokens_(CounterFamily(registry, "tessera_inference_tokens_total",
                            "Tokens by the engine's count, by direction: input or output.")),
      tokens_per_second_(GaugeFamily(
          registry, "tessera_inference_output_tokens_per_second",
          "Decode speed of the last finished request by the engine's count, which leaves sampling "
          "out.")),
      engine_seconds_(CounterFamily(
          registry, "tessera_inference_engine_seconds_total",
          "Time by the engine's own count, by phase: load, prefill or decode, seconds.")),
      errors_(CounterFamily(registry, "tessera_inference_errors_total",
                            "Failed requests by ErrorInfo reason.")),
      vram_(GaugeFamily(registry, "tessera_inference_model_vram_bytes",
                        "GPU memory that a loaded model occupies, bytes; 0 when not loaded.")),
      offload_(GaugeFamily(
          registry, "tessera_inference_model_cpu_offload_ratio",
          "Share of a loaded model that is not in GPU memory, 0 to 1; 0 when not loaded.")),
      connections_(CounterFamily(registry, "tessera_inference_upstream_requests_total",
                                 "HTTP requests to the engine by connection: new or reused.")),
      max_models_(max_models) {
  in_flight_ = &GaugeFamily(registry, "tessera_inference_requests_in_flight",
                            "Requests that are with the engine now.")
                    .Add({});
  engine_up_ = &GaugeFamily(registry, "tessera_inference_engine_up",
                            "1 when an engine answered the last look, else 0.")
                    .Add({});
  cancelled_ = &CounterFamily(registry, "tessera_inference_cancelled_total",
                              "Requests whose caller went away.")
                    .Add({});
  connections_opened_ = &connections_.Add({{"connection", "new"}});
  connections_reused_ = &connections_.Add({{"connection", "reused"}});
  auto& checked = CounterFamily(registry, "tessera_inference_answers_checked_total",
                                "Answers compared with the form or the tools that were asked for, "
                                "by result: conforming or faulty.");
  conforming_ = &checked.Add({{"result", "conforming"}});
  faulty_ = &checked.Add({{"result", "faulty"}});
  auto& repairs = CounterFamily(registry, "tessera_inference_repairs_total",
                                "Models asked once more for a conforming answer, by result: mended "
                                "or faulty.");
  mended_ = &repairs.Add({{"result", "mended"}});
  not_mended_ = &repairs.Add({{"result", "faulty"}});
  auto& items = CounterFamily(registry, "tessera_inference_batch_items_total",
                              "Items of batches that ended, by method and result: ok or error.");
  for (const char* method : {"generate", "classify", "embed"}) {
    for (const bool ok : {true, false}) {
      batch_items_[{method, ok}] =
          &items.Add({{"method", method}, {"result", ok ? "ok" : "error"}});
    }
  }
  for (const std::string_view reason : kErrorReasons) {
    error_series_[std::string(reason)] = &errors_.Add({{"reason", std::string(reason)}});
  }
  error_series_[kOther] = &errors_.Add({{"reason", kOther}});
  MutexLock lock(&mutex_);
  for (const std::string& model : known_models) models_.emplace(model, MakeSeries(model));
  models_.emplace(kOther, MakeSeries(kOther));
}

ModelSeries InferenceMetrics::MakeSeries(const std::string& model) {
  const prometheus::Labels labels{{"gen_ai_request_model", model}};
  const auto with = [&](const char* key, const char* value) {
    prometheus::Labels more = labels;
    more[key] = value;
    return more;
  };
  vram_.Add(labels);
  offload_.Add(labels);
  return {
      .time_to_first_token = &time_to_first_token_.Add(labels, buckets::kTimeToFirstToken),
      .time_per_output_token = &time_per_output_token_.Add(labels, buckets::kTimePerOutputToken),
      .request_duration = &request_duration_.Add(labels, buckets::kGenerationDuration),
      .input_tokens = &tokens_.Add(with("direction", "input")),
      .output_tokens = &tokens_.Add(with("direction", "output")),
      .output_tokens_per_second = &tokens_per_second_.Add(labels),
      .engine_load_seconds = &engine_seconds_.Add(with("phase", "load")),
      .engine_prefill_seconds = &engine_seconds_.Add(with("phase", "prefill")),
      .engine_decode_seconds = &engine_seconds_.Add(with("phase", "decode"))};
}

const ModelSeries& InferenceMetrics::OfModel(std::string_view model, bool engine_has_it) {
  MutexLock lock(&mutex_);
  auto found = models_.find(model);
  if (found == models_.end()) {
    if (!engine_has_it || models_.size() > max_models_) return models_.find(kOther)->second;
    found = models_.emplace(std::string(model), MakeSeries(std::string(model))).first;
  }
  return found->second;
}

void InferenceMetrics::CountError(const absl::Status& status) {
  if (absl::IsCancelled(status)) {
    cancelled_->Increment();
    return;
  }
  auto found = error_series_.find(ReasonOf(status));
  if (found == error_series_.end()) found = error_series_.find(kOther);
  found->second->Increment();
}

void InferenceMetrics::CountBatchItem(std::string_view method, bool ok) {
  const auto found = batch_items_.find({std::string(method), ok});
  if (found != batch_items_.end()) found->second->Increment();
}

void InferenceMetrics::OnEngineLook(const EngineSnapshot& snapshot) {
  engine_up_->Set(snapshot.reachable ? 1 : 0);
  MutexLock lock(&mutex_);
  for (const auto& [name, series] : models_) {
    const auto loaded = std::find_if(snapshot.loaded.begin(), snapshot.loaded.end(),
                                     [&name = name](const LoadedModel& model) {
                                       return model.name == name || model.name == name + ":latest";
                                     });
    const bool is_loaded = loaded != snapshot.loaded.end();
    const double size = is_loaded ? static_cast<double>(loaded->size_bytes) : 0;
    const double vram = is_loaded ? static_cast<double>(loaded->size_vram_bytes) : 0;
    const prometheus::Labels labels{{"gen_ai_request_model", name}};
    vram_.Add(labels).Set(vram);
    // Ollama can report more on the GPU than in all; that means nothing is on the CPU.
    offload_.Add(labels).Set(size > 0 ? std::clamp(1 - vram / size, 0.0, 1.0) : 0);
  }
}

void InferenceMetrics::OnConnectionStats(int64_t opened, int64_t reused) {
  MutexLock lock(&mutex_);
  connections_opened_->Increment(static_cast<double>(opened - last_opened_));
  connections_reused_->Increment(static_cast<double>(reused - last_reused_));
  last_opened_ = opened;
  last_reused_ = reused;
}

}  // namespace tessera::inference
