// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_server.h"

#include <optional>
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

// More than what can run at once, which is bounded by the slots.
constexpr int kMostTransfers = 16384;

EnginePool::Options EngineOptions(const InferenceConfig& config) {
  return {.urls = config.ollama_urls,
          // The limits of phases are watched by those who know the phase; these are the outer ones.
          .engine = {.first_token_timeout = config.load_timeout + config.first_token_timeout,
                     .idle_timeout = config.idle_timeout},
          .slots = {.of_model = config.SlotsOfModels(),
                    .num_parallel = config.ollama_num_parallel == 0
                                        ? std::nullopt
                                        : std::optional(config.ollama_num_parallel)},
          .limits = {.max_queued = config.max_queued,
                     .max_queue_wait = config.max_queue_wait,
                     .load_timeout = config.load_timeout,
                     .first_token_timeout = config.first_token_timeout,
                     .wedge_silence = config.wedge_silence,
                     .hand_ahead = config.hand_ahead == "auto",
                     .breaker = {}},
          .keeper = {.models = config.KeptModels(),
                     .keep_alive = config.keep_alive,
                     .load_timeout = config.load_timeout},
          .check_interval = config.engine_check_interval};
}

RequestDefaults Defaults(const InferenceConfig& config, const ModelProfiles& profiles) {
  return {.vision_model = config.vision_model,
          .text_model = config.text_model,
          .max_output_tokens = config.max_output_tokens,
          .keep_alive = config.keep_alive,
          .profiles = profiles,
          .allow_runtime_options = config.allow_runtime_options};
}

AnswerCache::Options CacheOptions(const InferenceConfig& config) {
  AnswerCache::Options options{.memory_bytes = size_t{config.cache_mib} << 20,
                               .ttl = config.cache_ttl,
                               .redis = std::nullopt};
  if (const auto redis = ParseRedisAddress(config.cache_redis)) {
    options.redis.emplace();
    options.redis->host = redis->first;
    options.redis->port = redis->second;
  }
  return options;
}

}  // namespace

InferenceServer::InferenceServer(const InferenceConfig& config, std::unique_ptr<HttpClient> http)
    : config_(config),
      registry_(std::make_shared<prometheus::Registry>()),
      process_metrics_(std::make_shared<ProcessMetrics>("inference", TESSERA_VERSION)),
      metrics_(*registry_, {config.vision_model, config.text_model}),
      scheduling_metrics_(*registry_),
      // Validate has seen them.
      profiles_(
          ModelProfiles::Parse("--model-profile", config.model_profiles).value_or(ModelProfiles())),
      http_(std::move(http)),
      engines_(EngineOptions(config), *http_, profiles_, scheduling_metrics_, clock_),
      pool_({.threads = static_cast<int>(config.worker_threads),
             .max_queued = kMaxQueuedEncodings,
             .name = "encode"}),
      dispatcher_(
          engines_.backends(), pool_, scheduling_metrics_, clock_,
          {.max_held_bytes = size_t{config.max_held_mib} << 20, .max_retries = config.max_retries}),
      cache_metrics_(*registry_),
      offload_(dispatcher_, engines_.catalog(), OffloadPolicyOf(config.offload)),
      experiments_(offload_, ParseExperiments(config.experiments).value(), *registry_,
                   {.beside_callers = config.shadow_beside_callers}),
      context_{.dispatcher = experiments_,
               .catalog = engines_.catalog(),
               .metrics = metrics_,
               .cache = &cache_,
               .flights = &flights_,
               .defaults = Defaults(config, profiles_),
               .longest_call = config.longest_call,
               .batch = {.max_items = config.batch_window,
                         .max_bytes = uint64_t{config.batch_window_mib} << 20}},
      cache_(CacheOptions(config), cache_metrics_),
      models_context_{.http = *http_,
                      .catalog = engines_.catalog(),
                      .engine_url = config.ollama_urls.front(),
                      .keep_alive = config.keep_alive,
                      .load_timeout = config.load_timeout,
                      .several_engines = config.ollama_urls.size() > 1,
                      .admin_allowed = config.model_admin == "allow"},
      service_(context_),
      model_service_(models_context_) {}

absl::StatusOr<std::unique_ptr<InferenceServer>> InferenceServer::Start(
    const InferenceConfig& config) {
  TESSERA_RETURN_IF_ERROR(config.Validate());
  TESSERA_ASSIGN_OR_RETURN(std::unique_ptr<HttpClient> http,
                           MakeCurlHttpClient({.max_active_transfers = kMostTransfers}));
  std::unique_ptr<InferenceServer> self(new InferenceServer(config, std::move(http)));
  TESSERA_ASSIGN_OR_RETURN(self->metrics_server_,
                           MetricsServer::Start(config.metrics_listen, self->registry_));
  self->metrics_server_->Add(self->process_metrics_);
  TESSERA_ASSIGN_OR_RETURN(
      self->grpc_, GrpcServer::Start({.address = config.listen,
                                      .services = {{kServiceName, &self->service_},
                                                   {kModelServiceName, &self->model_service_}}},
                                     *self->registry_));
  self->scheduling_metrics_.queue_limit().Set(config.max_queued);
  InferenceServer* const server = self.get();
  self->engines_.StartMonitors([server](const EngineSnapshot& snapshot) {
    const HttpClientStats stats = server->http_->stats();
    server->metrics_.OnEngineLook(snapshot);
    server->offload_.OnEngineLook(snapshot);
    server->metrics_.OnConnectionStats(stats.connections_opened, stats.connections_reused);
    server->grpc_->SetServing(kServiceName, snapshot.reachable);
    server->grpc_->SetServing(kModelServiceName, snapshot.reachable);
  });
  return self;
}

// The monitors tell the gRPC server, which goes before them.
InferenceServer::~InferenceServer() { engines_.StopMonitors(); }

void InferenceServer::Drain() {
  grpc_->Drain(absl::Now() + config_.drain_timeout);
  engines_.StopMonitors();
}

}  // namespace tessera::inference
