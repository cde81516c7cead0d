// SPDX-License-Identifier: Apache-2.0
#include "services/inference/inference_config.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "common/rpc/flags.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "common/version.h"
#include "services/inference/engine/runtime_options.h"
#include "services/inference/experiments/experiment_plan.h"

namespace tessera::inference {
namespace {
constexpr char kDescription[] =
    "tessera-inference answers tessera.inference.v1.InferenceService in front of Ollama servers:\n"
    "bounded queues with a slot for each answer that an engine makes at once, models kept in\n"
    "memory, retries, metrics for Prometheus.\n"
    "Every flag can also be set as TESSERA_INFERENCE_<FLAG>, or in the file named by --config.\n";
constexpr size_t kMostEngines = 64;
constexpr uint32_t kMostSlots = 1024;
constexpr char kNone[] = "none";

// "model=3"; the model's name may hold a '='.
std::optional<std::pair<std::string, uint32_t>> ReadSlots(const std::string& entry) {
  const size_t equals = entry.rfind('=');
  uint32_t slots = 0;
  if (equals == std::string::npos || equals == 0 ||
      !absl::SimpleAtoi(entry.substr(equals + 1), &slots) || slots < 1 || slots > kMostSlots) {
    return std::nullopt;
  }
  return std::pair(entry.substr(0, equals), slots);
}

}  // namespace

std::map<std::string, uint32_t, std::less<>> InferenceConfig::SlotsOfModels() const {
  std::map<std::string, uint32_t, std::less<>> slots;
  for (const std::string& entry : model_slots) {
    if (auto read = ReadSlots(entry)) slots.insert(*std::move(read));
  }
  return slots;
}

std::vector<std::string> InferenceConfig::KeptModels() const {
  std::vector<std::string> models;
  for (const std::string& model :
       keep_loaded.empty() ? std::vector{vision_model, text_model} : keep_loaded) {
    const bool known = std::find(models.begin(), models.end(), model) != models.end();
    if (model != kNone && !known) models.push_back(model);
  }
  return models;
}

absl::Status InferenceConfig::Validate() const {
  if (ollama_urls.empty() || ollama_urls.size() > kMostEngines) {
    return InvalidField("--ollama-url", "must be given 1 to 64 times");
  }
  for (const std::string& url : ollama_urls) {
    if (!url.starts_with("http://") && !url.starts_with("https://")) {
      return InvalidField("--ollama-url", "must begin with http:// or https://");
    }
    if (url.ends_with('/')) return InvalidField("--ollama-url", "must not end with '/'");
    if (std::count(ollama_urls.begin(), ollama_urls.end(), url) > 1) {
      return InvalidField("--ollama-url", "must not name a server twice");
    }
  }
  for (const std::string& entry : model_slots) {
    if (!ReadSlots(entry)) {
      return InvalidField("--model-slots", "must be MODEL=SLOTS with 1 to 1024 slots");
    }
  }
  TESSERA_RETURN_IF_ERROR(ParseExperiments(experiments).status());
  if (keep_alive > absl::Hours(24)) return InvalidField("--keep-alive", "must be at most 24h");
  if (max_output_tokens < 1 || max_output_tokens > 65536) {
    return InvalidField("--max-output-tokens", "must be in [1, 65536]");
  }
  if (ollama_num_parallel > kMostSlots) {
    return InvalidField("--ollama-num-parallel", "must be in [0, 1024]");
  }
  if (max_queued > 100'000) return InvalidField("--max-queued", "must be in [0, 100000]");
  if (max_held_mib < 1) return InvalidField("--max-held-mib", "must be at least 1");
  if (max_retries > 10) return InvalidField("--max-retries", "must be in [0, 10]");
  if (worker_threads < 1 || worker_threads > 64) {
    return InvalidField("--worker-threads", "must be in [1, 64]");
  }
  for (const auto& [flag, value] :
       {std::pair("--load-timeout", load_timeout),
        std::pair("--first-token-timeout", first_token_timeout),
        std::pair("--wedge-silence", wedge_silence), std::pair("--max-queue-wait", max_queue_wait),
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
  if (absl::Status bad = ModelProfiles::Parse("--model-profile", model_profiles).status();
      !bad.ok()) {
    return bad;
  }
  if (cache_mib > 1 << 20) return InvalidField("--cache-mib", "must be at most 1048576");
  if (cache_ttl <= absl::ZeroDuration()) return InvalidField("--cache-ttl", "must be more than 0");
  if (!cache_redis.empty() && !ParseRedisAddress(cache_redis)) {
    return InvalidField("--cache-redis", "must be host:port or the path of a socket");
  }
  if (batch_window < 1 || batch_window > 10'000) {
    return InvalidField("--batch-window", "must be in [1, 10000]");
  }
  if (batch_window_mib < 1) return InvalidField("--batch-window-mib", "must be at least 1");
  return absl::OkStatus();
}

std::optional<std::pair<std::string, uint16_t>> ParseRedisAddress(const std::string& address) {
  if (address.starts_with('/')) return std::pair(address, uint16_t{0});
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  uint16_t port = 0;
  const char* const begin = address.data() + colon + 1;
  const char* const end = address.data() + address.size();
  const auto [stop, error] = std::from_chars(begin, end, port);
  if (error != std::errc() || stop != end || port == 0) return std::nullopt;
  return std::pair(address.substr(0, colon), port);
}

int ParseInferenceConfig(int argc, const char* const* argv, InferenceConfig& config) {
  Flags flags(kDescription, "TESSERA_INFERENCE");
  flags.Add("--listen", config.listen, "gRPC address, host:port; port 0 picks a free one");
  flags.Add("--metrics-listen", config.metrics_listen, "Address of /metrics for Prometheus");
  flags.Add("--ollama-url", config.ollama_urls, "The Ollama server; once for each of several")
      ->delimiter(',');
  flags.Add("--vision-model", config.vision_model,
            "Model of requests with pictures that name none");
  flags.Add("--text-model", config.text_model, "Model of text requests that name none");
  flags.Add("--keep-alive", config.keep_alive, "How long a model stays loaded after a request");
  flags
      .Add("--keep-loaded", config.keep_loaded,
           "Model that is loaded at the start and stays, once for each; default: the two above; "
           "none: none")
      ->delimiter(',');
  flags.Add("--max-output-tokens", config.max_output_tokens,
            "Longest answer of requests that do not say, tokens");
  flags.Add("--load-timeout", config.load_timeout, "Longest time that loading a model may take");
  flags.Add("--first-token-timeout", config.first_token_timeout,
            "From the start of a request to its first token, once the model is loaded");
  flags.Add("--idle-timeout", config.idle_timeout, "Longest silence inside an answer");
  flags.Add("--longest-call", config.longest_call, "Deadline of calls that bring none");
  flags.Add("--engine-check-interval", config.engine_check_interval,
            "How often Ollama's health and models are looked at");
  flags.Add("--wedge-silence", config.wedge_silence,
            "Silence beyond what was predicted after which a model that others wait for is "
            "unloaded by force");
  flags
      .Add("--model-slots", config.model_slots,
           "MODEL=SLOTS: answers that the engine makes of it at once; default: learnt")
      ->delimiter(',');
  flags.Add("--ollama-num-parallel", config.ollama_num_parallel,
            "OLLAMA_NUM_PARALLEL of the Ollama servers; 0: learn it");
  flags
      .Add("--hand-ahead", config.hand_ahead,
           "auto: where the engine reads a loaded model's metadata for each request, give it the "
           "next one shortly before a slot is free; never: only when it is")
      ->check(CLI::IsMember({"auto", "never"}));
  flags.Add("--max-queued", config.max_queued,
            "Most requests that wait for a model of a server; further ones are answered "
            "RESOURCE_EXHAUSTED");
  flags.Add("--max-queue-wait", config.max_queue_wait, "Longest wait, as predicted");
  flags.Add("--max-held-mib", config.max_held_mib,
            "Most memory for texts and pictures of all requests, MiB");
  flags.Add("--max-retries", config.max_retries,
            "Further tries of a request of which nothing was delivered yet");
  flags.Add("--worker-threads", config.worker_threads, "Threads that encode large requests");
  flags.Add("--model-profile", config.model_profiles,
            "Options that a model is loaded with, NAME,num_ctx=8192,...; may be repeated");
  flags.AddSwitch("--allow-runtime-options", config.allow_runtime_options,
                  "Requests may differ from the profiles, which makes the engine load models anew");
  flags.Add("--cache-mib", config.cache_mib, "Memory for answers given before; 0: none, MiB");
  flags.Add("--cache-ttl", config.cache_ttl, "How long an answer is kept");
  flags.Add("--cache-redis", config.cache_redis,
            "Redis server that shares answers among processes, host:port or /path/of/socket; "
            "empty: none");
  flags.Add("--batch-window", config.batch_window, "Items of a batch that may be unanswered");
  flags.Add("--batch-window-mib", config.batch_window_mib, "Bytes of these items together, MiB");
  flags.Add("--drain-timeout", config.drain_timeout,
            "After SIGTERM, how long requests in flight may take to end");
  flags.Add("--otlp-endpoint", config.otlp_endpoint,
            "OpenTelemetry collector that gets the spans, http://host:4318; empty: none");
  flags.Add("--trace-sample-ratio", config.trace_sample_ratio,
            "Share of the traces that begin here that is recorded, 0 to 1");
  flags
      .Add("--offload", config.offload,
           "A model of which a part is not in GPU memory: allow; warn: say so in the log; refuse: "
           "answer MODEL_OFFLOADED")
      ->check(CLI::IsMember({"allow", "warn", "refuse"}));
  flags
      .Add(
          "--experiment", config.experiments,
          "NAME:shadow|split:MODEL=OTHER:SHARE: tries another model out on real requests; once for "
          "each")
      ->delimiter(';');
  flags.AddSwitch("--shadow-beside-callers", config.shadow_beside_callers,
                  "Shadows of experiments run while callers are served, too, on idle slots: more "
                  "of them, and callers wait longer");
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
