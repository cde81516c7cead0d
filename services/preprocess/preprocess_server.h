// SPDX-License-Identifier: Apache-2.0
//
// Everything of tessera-preprocess put together. main() and the integration tests start this.
#ifndef TESSERA_SERVICES_PREPROCESS_PREPROCESS_SERVER_H_
#define TESSERA_SERVICES_PREPROCESS_PREPROCESS_SERVER_H_

#include <prometheus/registry.h>

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "common/metrics/metrics_server.h"
#include "common/metrics/process_metrics.h"
#include "common/rpc/grpc_server.h"
#include "services/preprocess/front_services.h"
#include "services/preprocess/hop/inference_client.h"
#include "services/preprocess/load_metrics.h"
#include "services/preprocess/memory_metrics.h"
#include "services/preprocess/picture_workers.h"
#include "services/preprocess/preprocess_config.h"
#include "services/preprocess/preprocess_context.h"
#include "services/preprocess/preprocess_metrics.h"

namespace tessera::preprocess {

// Thread-safe after Start.
class PreprocessServer {
 public:
  // Serves as soon as it returns. Health: tessera.preprocess.v1.PreprocessService is SERVING at
  // once, tessera.inference.v1.InferenceService while tessera-inference says the same.
  static absl::StatusOr<std::unique_ptr<PreprocessServer>> Start(const PreprocessConfig& config);
  ~PreprocessServer();

  // Stops taking calls, lets those in flight end until the drain time-out. Blocks; call once.
  void Drain();

  int port() const { return grpc_->port(); }
  int metrics_port() const { return metrics_server_->port(); }

 private:
  PreprocessServer(const PreprocessConfig& config, std::unique_ptr<PicturePreparer> preparer);

  // The order is the order of dependence: destruction runs backwards, so that calls end before
  // what they use.
  const PreprocessConfig config_;
  const std::shared_ptr<prometheus::Registry> registry_;
  const std::shared_ptr<ProcessMetrics> process_metrics_;
  PreprocessMetrics metrics_;
  const std::shared_ptr<MemoryMetrics> memory_metrics_;
  PictureWorkers workers_;
  const std::shared_ptr<LoadMetrics> load_metrics_;
  std::unique_ptr<MetricsServer> metrics_server_;
  std::unique_ptr<InferenceClient> inference_;
  std::optional<PreprocessContext> context_;
  std::optional<PreprocessService> preprocess_service_;
  std::optional<FrontInferenceService> inference_service_;
  std::optional<FrontModelService> model_service_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<HealthWatch> health_watch_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PREPROCESS_SERVER_H_
