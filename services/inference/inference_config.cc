// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_config.h"

#include <utility>

#include "common/rpc/flags.h"
#include "common/status/error.h"
#include "common/version.h"

namespace tessera::inference {
namespace {
constexpr char kDescription[] =
    "tessera-inference answers tessera.inference.v1.InferenceService in front of an Ollama "
    "server:\n"
    "one shared HTTP client, models kept in memory, bounded work, metrics for Prometheus.\n"
    "Every flag can also be set as TESSERA_INFERENCE_<FLAG>, or in the file named by --config.\n";
}

absl::Status InferenceConfig::Validate() const {
  if (ollama_url.rfind("http://", 0) != 0 && ollama_url.rfind("https://", 0) != 0) {
    return InvalidField("--ollama-url", "must begin with http:// or https://");
  }
  if (ollama_url.back() == '/') return InvalidField("--ollama-url", "must not end with '/'");
  if (keep_alive > absl::Hours(24)) return InvalidField("--keep-alive", "must be at most 24h");
  if (max_output_tokens < 1 || max_output_tokens > 65536) {
    return InvalidField("--max-output-tokens", "must be in [1, 65536]");
  }
  if (max_in_flight < 1 || max_in_flight > 1'000'000) {
    return InvalidField("--max-in-flight", "must be in [1, 1000000]");
  }
  if (max_in_flight_mib < 1) return InvalidField("--max-in-flight-mib", "must be at least 1");
  if (worker_threads < 1 || worker_threads > 64) {
    return InvalidField("--worker-threads", "must be in [1, 64]");
  }
  for (const auto& [flag, value] :
       {std::pair("--first-token-timeout", first_token_timeout),
        std::pair("--idle-timeout", idle_timeout), std::pair("--longest-call", longest_call)}) {
    if (value <= absl::ZeroDuration()) return InvalidField(flag, "must be more than 0");
  }
  if (engine_check_interval < absl::Milliseconds(10)) {
    return InvalidField("--engine-check-interval", "must be at least 10ms");
  }
  if (!otlp_endpoint.empty() && otlp_endpoint.rfind("http://", 0) != 0 &&
      otlp_endpoint.rfind("https://", 0) != 0) {
    return InvalidField("--otlp-endpoint", "must begin with http:// or https://");
  }
  if (!(trace_sample_ratio >= 0 && trace_sample_ratio <= 1)) {
    return InvalidField("--trace-sample-ratio", "must be in [0, 1]");
  }
  return absl::OkStatus();
}

int ParseInferenceConfig(int argc, const char* const* argv, InferenceConfig& config) {
  Flags flags(kDescription, "TESSERA_INFERENCE");
  flags.Add("--listen", config.listen, "gRPC address, host:port; port 0 picks a free one");
  flags.Add("--metrics-listen", config.metrics_listen, "Address of /metrics for Prometheus");
  flags.Add("--ollama-url", config.ollama_url, "The Ollama server");
  flags.Add("--vision-model", config.vision_model,
            "Model of requests with pictures that name none");
  flags.Add("--text-model", config.text_model, "Model of text requests that name none");
  flags.Add("--keep-alive", config.keep_alive, "How long a model stays loaded after a request");
  flags.Add("--max-output-tokens", config.max_output_tokens,
            "Longest answer of requests that do not say, tokens");
  flags.Add("--first-token-timeout", config.first_token_timeout,
            "From a request to its first token; a cold model may take minutes");
  flags.Add("--idle-timeout", config.idle_timeout, "Longest silence inside an answer");
  flags.Add("--longest-call", config.longest_call, "Deadline of calls that bring none");
  flags.Add("--engine-check-interval", config.engine_check_interval,
            "How often Ollama's health and models are looked at");
  flags.Add("--max-in-flight", config.max_in_flight,
            "Most requests at once; further ones are "
            "answered RESOURCE_EXHAUSTED");
  flags.Add("--max-in-flight-mib", config.max_in_flight_mib,
            "Most memory for their texts and "
            "pictures, MiB");
  flags.Add("--worker-threads", config.worker_threads, "Threads that encode large requests");
  flags.Add("--drain-timeout", config.drain_timeout,
            "After SIGTERM, how long requests in flight may take to end");
  flags.Add("--otlp-endpoint", config.otlp_endpoint,
            "OpenTelemetry collector that gets the spans, http://host:4318; empty: none");
  flags.Add("--trace-sample-ratio", config.trace_sample_ratio,
            "Share of the traces that begin here that is recorded, 0 to 1");
  flags
      .Add("--model-admin", config.model_admin,
           "allow: callers may load, fetch, make and remove models; deny: they may only look")
      ->check(CLI::IsMember({"allow", "deny"}));
  flags.Add("--log-level", config.log_level, "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}));
  flags.Add("--log-format", config.log_format, "json or text")
      ->check(CLI::IsMember({"json", "text"}));
  flags.AddSwitch("--healthcheck", config.healthcheck,
                  "Ask the server at --listen for its health and exit: 0 serving, 1 not serving, "
                  "2 not reachable");
  return flags.Parse(argc, argv, TESSERA_VERSION);
}

}  // namespace tessera::inference
