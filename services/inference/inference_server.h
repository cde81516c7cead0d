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
#include "services/inference/engine/engine_monitor.h"
#include "services/inference/engine/model_catalog.h"
#include "services/inference/engine/ollama_engine.h"
#include "services/inference/inference_config.h"
#include "services/inference/inference_context.h"
#include "services/inference/inference_metrics.h"
#include "services/inference/inference_service.h"
#include "services/inference/models/model_service.h"
#include "services/inference/models/models_context.h"
#include "services/inference/scheduling/direct_dispatcher.h"
#include "services/inference/scheduling/in_flight_limit.h"

namespace tessera::inference {

// Thread-safe after Start.
class InferenceServer {
 public:
  // Serves as soon as it returns; health says SERVING for tessera.inference.v1.InferenceService
  // while the engine answers.
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
  ModelCatalog catalog_;
  InFlightLimit limit_;
  const std::unique_ptr<HttpClient> http_;
  OllamaEngine engine_;
  WorkerPool pool_;  // Its tasks use the engine, perhaps for a moment longer than their calls last.
  DirectDispatcher dispatcher_;
  InferenceContext context_;
  ModelsContext models_context_;
  InferenceService service_;
  ModelService model_service_;
  std::unique_ptr<MetricsServer> metrics_server_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<EngineMonitor> monitor_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_SERVER_H_
