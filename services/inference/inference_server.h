// SPDX-License-Identifier: Apache-2.0
//
// Everything of tessera-inference put together. main() and the integration tests start this.
#ifndef TESSERA_SERVICES_INFERENCE_INFERENCE_SERVER_H_
#define TESSERA_SERVICES_INFERENCE_INFERENCE_SERVER_H_

#include <prometheus/registry.h>

#include <memory>

#include "absl/status/statusor.h"
#include "common/concurrency/worker_pool.h"
#include "common/http/http_client.h"
#include "common/metrics/metrics_server.h"
#include "common/metrics/process_metrics.h"
#include "common/rpc/grpc_server.h"
#include "services/inference/cache/answer_cache.h"
#include "services/inference/cache/cache_metrics.h"
#include "services/inference/engine/runtime_options.h"
#include "services/inference/experiments/experiment_dispatcher.h"
#include "services/inference/flight_table.h"
#include "services/inference/inference_config.h"
#include "services/inference/inference_context.h"
#include "services/inference/inference_metrics.h"
#include "services/inference/inference_service.h"
#include "services/inference/models/model_service.h"
#include "services/inference/models/models_context.h"
#include "services/inference/scheduling/clock.h"
#include "services/inference/scheduling/engine_pool.h"
#include "services/inference/scheduling/offload_guard.h"
#include "services/inference/scheduling/queueing_dispatcher.h"
#include "services/inference/scheduling/scheduling_metrics.h"

namespace tessera::inference {

// Thread-safe after Start.
class InferenceServer {
 public:
  // Serves as soon as it returns; health says SERVING for tessera.inference.v1.InferenceService
  // while an engine answers.
  static absl::StatusOr<std::unique_ptr<InferenceServer>> Start(const InferenceConfig& config);
  ~InferenceServer();

  // Stops taking calls, lets those in flight end until the drain time-out. Blocks; call once.
  void Drain();

  int port() const { return grpc_->port(); }
  int metrics_port() const { return metrics_server_->port(); }
  HttpClientStats http_stats() const { return http_->stats(); }

 private:
  InferenceServer(const InferenceConfig& config, std::unique_ptr<HttpClient> http);

  // The order is the order of dependence: destruction runs backwards, so that calls end before
  // what they use.
  const InferenceConfig config_;
  const std::shared_ptr<prometheus::Registry> registry_;
  const std::shared_ptr<ProcessMetrics> process_metrics_;
  InferenceMetrics metrics_;
  SchedulingMetrics scheduling_metrics_;
  const SystemClock clock_;
  const ModelProfiles profiles_;
  const std::unique_ptr<HttpClient> http_;
  EnginePool engines_;
  WorkerPool pool_;
  QueueingDispatcher dispatcher_;  // Ends what is left before the pool and the engines go.
  CacheMetrics cache_metrics_;
  FlightTable flights_;
  OffloadGuard offload_;
  ExperimentDispatcher experiments_;
  InferenceContext context_;
  AnswerCache cache_;  // What waits for its answer goes on with the above.
  ModelsContext models_context_;
  InferenceService service_;
  ModelService model_service_;
  std::unique_ptr<MetricsServer> metrics_server_;
  std::unique_ptr<GrpcServer> grpc_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_SERVER_H_
