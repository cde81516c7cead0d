// SPDX-License-Identifier: Apache-2.0
//
// Every metric of tessera-inference, except those of common/rpc and common/metrics.
#ifndef TESSERA_SERVICES_INFERENCE_INFERENCE_METRICS_H_
#define TESSERA_SERVICES_INFERENCE_INFERENCE_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

// The series of one model.
struct ModelSeries {
  prometheus::Histogram* time_to_first_token;
  prometheus::Histogram* time_per_output_token;
  prometheus::Histogram* request_duration;
  prometheus::Counter* input_tokens;
  prometheus::Counter* output_tokens;
  prometheus::Gauge* output_tokens_per_second;
  prometheus::Counter* engine_load_seconds;
  prometheus::Counter* engine_prefill_seconds;
  prometheus::Counter* engine_decode_seconds;
};

// Thread-safe.
class InferenceMetrics {
 public:
  // Series of `known_models` exist at 0 from the start. At most `max_models` different model names
  // get series of their own.
  InferenceMetrics(prometheus::Registry& registry, const std::set<std::string>& known_models,
                   size_t max_models = 20);

  // The series of `model`. A name that has none yet gets some only when `engine_has_it`: what
  // callers make up shares the label "other", as do names beyond `max_models`.
  const ModelSeries& OfModel(std::string_view model, bool engine_has_it);

  // Counts a failed generation under its ErrorInfo reason, "other" for reasons unknown here.
  void CountError(const absl::Status& status);

  // An answer was compared with the form or the tools that were asked for.
  void CountCheck(bool conforms) { (conforms ? conforming_ : faulty_)->Increment(); }
  // A model was asked to mend its answer.
  void CountRepair(bool mended) { (mended ? mended_ : not_mended_)->Increment(); }
  // An item of a batch ended; `method` is generate, classify or embed.
  void CountBatchItem(std::string_view method, bool ok);

  void OnEngineLook(const EngineSnapshot& snapshot);
  // Totals since the start of the HTTP client.
  void OnConnectionStats(int64_t opened, int64_t reused);

  prometheus::Gauge& in_flight() { return *in_flight_; }
  prometheus::Counter& cancelled() { return *cancelled_; }

 private:
  ModelSeries MakeSeries(const std::string& model);

  prometheus::Family<prometheus::Histogram>& time_to_first_token_;
  prometheus::Family<prometheus::Histogram>& time_per_output_token_;
  prometheus::Family<prometheus::Histogram>& request_duration_;
  prometheus::Family<prometheus::Counter>& tokens_;
  prometheus::Family<prometheus::Gauge>& tokens_per_second_;
  prometheus::Family<prometheus::Counter>& engine_seconds_;
  prometheus::Family<prometheus::Counter>& errors_;
  prometheus::Family<prometheus::Gauge>& vram_;
  prometheus::Family<prometheus::Gauge>& offload_;
  prometheus::Family<prometheus::Counter>& connections_;
  prometheus::Gauge* in_flight_;
  prometheus::Gauge* engine_up_;
  prometheus::Counter* cancelled_;
  prometheus::Counter* connections_opened_;
  prometheus::Counter* connections_reused_;
  prometheus::Counter* conforming_;
  prometheus::Counter* faulty_;
  prometheus::Counter* mended_;
  prometheus::Counter* not_mended_;
  // By method and result; immutable after construction.
  std::map<std::pair<std::string, bool>, prometheus::Counter*> batch_items_;
  std::map<std::string, prometheus::Counter*> error_series_;  // Immutable after construction.

  const size_t max_models_;
  Mutex mutex_;
  std::map<std::string, ModelSeries, std::less<>> models_ ABSL_GUARDED_BY(mutex_);
  int64_t last_opened_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t last_reused_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_METRICS_H_
