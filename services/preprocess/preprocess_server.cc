// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/preprocess_server.h"

#include <prometheus/gauge.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "common/version.h"

namespace tessera::preprocess {
namespace {
constexpr char kPreprocessService[] = "tessera.preprocess.v1.PreprocessService";
constexpr char kModelService[] = "tessera.model.v1.ModelService";
constexpr char kInferenceService[] = "tessera.inference.v1.InferenceService";

PictureScheduler::Options SchedulerOptions(const PreprocessConfig& config) {
  return {.workers = config.Workers(),
          .max_queued = static_cast<int>(config.max_queued),
          .memory_budget_bytes = config.MemoryBudgetBytes(),
          .max_held_bytes = uint64_t{config.max_held_mib} << 20};
}

StreamItems::Window StreamWindow(const PreprocessConfig& config) {
  return {.max_items = config.stream_window_items,
          .max_bytes = uint64_t{config.stream_window_mib} << 20};
}

}  // namespace

PreprocessServer::PreprocessServer(const PreprocessConfig& config,
                                   std::unique_ptr<PicturePreparer> preparer)
    : config_(config),
      registry_(std::make_shared<prometheus::Registry>()),
      process_metrics_(std::make_shared<ProcessMetrics>("preprocess", TESSERA_VERSION)),
      metrics_(*registry_),
      memory_metrics_(std::make_shared<MemoryMetrics>()),
      workers_(std::move(preparer), SchedulerOptions(config), metrics_),
      load_metrics_(std::make_shared<LoadMetrics>(workers_)) {}

absl::StatusOr<std::unique_ptr<PreprocessServer>> PreprocessServer::Start(
    const PreprocessConfig& config) {
  TESSERA_RETURN_IF_ERROR(config.Validate());
  // First, while the process has one thread: libvips must not be started by several.
  TESSERA_ASSIGN_OR_RETURN(std::unique_ptr<PicturePreparer> preparer,
                           PicturePreparer::Make(config.Limits()));
  std::unique_ptr<PreprocessServer> self(new PreprocessServer(config, std::move(preparer)));
  TESSERA_ASSIGN_OR_RETURN(self->metrics_server_,
                           MetricsServer::Start(config.metrics_listen, self->registry_));
  self->metrics_server_->Add(self->process_metrics_);
  prometheus::BuildGauge()
      .Name("tessera_preprocess_queue_limit_pictures")
      .Help("Pictures that may wait for a worker.")
      .Register(*self->registry_)
      .Add({})
      .Set(config.max_queued);
  self->metrics_server_->Add(self->memory_metrics_);
  self->metrics_server_->Add(self->load_metrics_);
  self->inference_ = std::make_unique<InferenceClient>(config.inference_address);
  self->context_.emplace(
      PreprocessContext{.workers = self->workers_,
                        .inference = *self->inference_,
                        .longest_call = config.longest_call,
                        .max_file_bytes = config.Limits().max_file_bytes,
                        .stream_window = StreamWindow(config),
                        .batch = {.max_items = config.batch_window,
                                  .max_bytes = uint64_t{config.batch_window_mib} << 20,
                                  .max_starting = static_cast<uint32_t>(config.Workers())}});
  self->preprocess_service_.emplace(*self->context_);
  self->inference_service_.emplace(*self->context_);
  self->model_service_.emplace(*self->context_);
  TESSERA_ASSIGN_OR_RETURN(
      self->grpc_,
      GrpcServer::Start({.address = config.listen,
                         .services = {{kPreprocessService, &*self->preprocess_service_},
                                      {kInferenceService, &*self->inference_service_},
                                      {kModelService, &*self->model_service_}}},
                        *self->registry_));
  self->grpc_->SetServing(kPreprocessService, true);
  PreprocessServer* const server = self.get();
  self->health_watch_ = std::make_unique<HealthWatch>(
      self->inference_->channel(), config.inference_check_interval, [server](bool serving) {
        server->metrics_.inference_up().Set(serving ? 1 : 0);
        server->grpc_->SetServing(kInferenceService, serving);
        server->grpc_->SetServing(kModelService, serving);
      });
  return self;
}

PreprocessServer::~PreprocessServer() = default;

void PreprocessServer::Drain() {
  grpc_->Drain(absl::Now() + config_.drain_timeout);
  health_watch_.reset();
}

}  // namespace tessera::preprocess
