// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_join.h"
#include "common/logging/log.h"
#include "common/rpc/descriptor_limit.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/health_check.h"
#include "common/tracing/tracing.h"
#include "common/version.h"
#include "services/inference/inference_config.h"
#include "services/inference/inference_server.h"

namespace {
// For the spans of the last calls, after the drain; a collector that is gone costs no more.
constexpr absl::Duration kLastSpans = absl::Seconds(2);
}  // namespace

int main(int argc, char** argv) {
  tessera::inference::InferenceConfig config;
  if (const int code = ParseInferenceConfig(argc, argv, config); code >= 0) return code;
  if (config.healthcheck) return tessera::RunHealthCheck(config.listen, "", absl::Seconds(3));

  tessera::RaiseDescriptorLimit();
  tessera::BlockTerminationSignals();
  tessera::InitLogging({.service = "inference",
                        .level = tessera::LogLevelFromName(config.log_level),
                        .format = tessera::LogFormatFromName(config.log_format)});
  if (const absl::Status status = tessera::StartExport({.endpoint = config.otlp_endpoint,
                                                        .service = "tessera-inference",
                                                        .version = TESSERA_VERSION},
                                                       config.trace_sample_ratio);
      !status.ok()) {
    tessera::LogError("cannot start", {{"error", std::string(status.message())}});
    return 1;
  }
  auto server = tessera::inference::InferenceServer::Start(config);
  if (!server.ok()) {
    tessera::LogError("cannot start", {{"error", std::string(server.status().message())}});
    return 1;
  }
  tessera::LogInfo("serving", {{"port", (*server)->port()},
                               {"metrics_port", (*server)->metrics_port()},
                               {"ollama_url", absl::StrJoin(config.ollama_urls, ",")}});
  tessera::WaitForTerminationSignal();
  tessera::LogInfo("draining", {{"seconds_at_most", absl::ToDoubleSeconds(config.drain_timeout)}});
  (*server)->Drain();
  tessera::StopTracing(kLastSpans);
  tessera::LogInfo("stopped");
  return 0;
}
