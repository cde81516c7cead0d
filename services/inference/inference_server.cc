// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_server.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/http/curl_http_client.h"
#include "common/status/status_macros.h"
#include "common/version.h"

namespace tessera::inference {
namespace {

constexpr char kModelServiceName[] = "tessera.model.v1.ModelService";
constexpr char kServiceName[] = "tessera.inference.v1.InferenceService";
// Large requests wait here for a moment only: in-flight requests are bounded before they come.
constexpr int kMaxQueuedEncodings = 4096;

OllamaOptions EngineOptions(const InferenceConfig& config) {
  return {.url = config.ollama_url,
          .first_token_timeout = config.first_token_timeout,
          .idle_timeout = config.idle_timeout};
}

}  // namespace

InferenceServer::InferenceServer(const InferenceConfig& config, std::unique_ptr<HttpClient> http)
    : config_(config),
      registry_(std::make_shared<prometheus::Registry>()),
      process_metrics_(std::make_shared<ProcessMetrics>("inference", TESSERA_VERSION)),
      metrics_(*registry_, {config.vision_model, config.text_model}),
      limit_(config.max_in_flight, size_t{config.max_in_flight_mib} << 20),
      http_(std::move(http)),
      engine_(*http_, EngineOptions(config)),
      pool_({.threads = static_cast<int>(config.worker_threads),
             .max_queued = kMaxQueuedEncodings,
             .name = "encode"}),
      dispatcher_(engine_, limit_, pool_),
      context_{.dispatcher = dispatcher_,
               .catalog = catalog_,
               .metrics = metrics_,
               .defaults = {.vision_model = config.vision_model,
                            .text_model = config.text_model,
                            .max_output_tokens = config.max_output_tokens,
                            .keep_alive = config.keep_alive},
               .longest_call = config.longest_call},
      models_context_{.http = *http_,
                      .catalog = catalog_,
                      .engine_url = config.ollama_url,
                      .keep_alive = config.keep_alive,
                      .load_timeout = config.first_token_timeout,
                      .admin_allowed = config.model_admin == "allow"},
      service_(context_),
      model_service_(models_context_) {}

absl::StatusOr<std::unique_ptr<InferenceServer>> InferenceServer::Start(
    const InferenceConfig& config) {
  TESSERA_RETURN_IF_ERROR(config.Validate());
  TESSERA_ASSIGN_OR_RETURN(
      std::unique_ptr<HttpClient> http,
      MakeCurlHttpClient({.max_active_transfers = static_cast<int>(config.max_in_flight) + 16}));
  std::unique_ptr<InferenceServer> self(new InferenceServer(config, std::move(http)));
  TESSERA_ASSIGN_OR_RETURN(self->metrics_server_,
                           MetricsServer::Start(config.metrics_listen, self->registry_));
  self->metrics_server_->Add(self->process_metrics_);
  TESSERA_ASSIGN_OR_RETURN(
      self->grpc_, GrpcServer::Start({.address = config.listen,
                                      .services = {{kServiceName, &self->service_},
                                                   {kModelServiceName, &self->model_service_}}},
                                     *self->registry_));
  InferenceServer* const server = self.get();
  self->monitor_ = std::make_unique<EngineMonitor>(
      *self->http_, self->catalog_,
      EngineMonitor::Options{.url = config.ollama_url, .interval = config.engine_check_interval},
      [server](const EngineSnapshot& snapshot) {
        const HttpClientStats stats = server->http_->stats();
        server->metrics_.OnEngineLook(snapshot);
        server->metrics_.OnConnectionStats(stats.connections_opened, stats.connections_reused);
        server->grpc_->SetServing(kServiceName, snapshot.reachable);
        server->grpc_->SetServing(kModelServiceName, snapshot.reachable);
      });
  return self;
}

InferenceServer::~InferenceServer() = default;

void InferenceServer::Drain() {
  grpc_->Drain(absl::Now() + config_.drain_timeout);
  monitor_.reset();
}

}  // namespace tessera::inference
