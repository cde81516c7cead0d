// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "common/logging/log.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/health_check.h"
#include "services/inference/inference_config.h"
#include "services/inference/inference_server.h"

int main(int argc, char** argv) {
  tessera::inference::InferenceConfig config;
  if (const int code = ParseInferenceConfig(argc, argv, config); code >= 0) return code;
  if (config.healthcheck) return tessera::RunHealthCheck(config.listen, "", absl::Seconds(3));

  tessera::BlockTerminationSignals();
  tessera::InitLogging({.service = "inference",
                        .level = tessera::LogLevelFromName(config.log_level),
                        .format = tessera::LogFormatFromName(config.log_format)});
  auto server = tessera::inference::InferenceServer::Start(config);
  if (!server.ok()) {
    tessera::LogError("cannot start", {{"error", std::string(server.status().message())}});
    return 1;
  }
  tessera::LogInfo("serving", {{"port", (*server)->port()},
                               {"metrics_port", (*server)->metrics_port()},
                               {"ollama_url", config.ollama_url}});
  tessera::WaitForTerminationSignal();
  tessera::LogInfo("draining", {{"seconds_at_most", absl::ToDoubleSeconds(config.drain_timeout)}});
  (*server)->Drain();
  tessera::LogInfo("stopped");
  return 0;
}
