// SPDX-License-Identifier: Apache-2.0
//
// Configuration of tessera-inference: flags, environment (TESSERA_INFERENCE_*), config file.
#ifndef TESSERA_SERVICES_INFERENCE_INFERENCE_CONFIG_H_
#define TESSERA_SERVICES_INFERENCE_INFERENCE_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/logging/log.h"

namespace tessera::inference {

// Defaults are the product's; tests change what they need. Passed by value; never global.
struct InferenceConfig {
  std::string listen = "127.0.0.1:7001";
  std::string metrics_listen = "127.0.0.1:9101";
  std::vector<std::string> ollama_urls = {"http://127.0.0.1:11434"};
  std::string vision_model = "qwen3-vl:4b";
  std::string text_model = "llama3.2-custom";
  absl::Duration keep_alive = absl::Minutes(30);
  // Models that are loaded at the start and stay; empty: the two above; "none": none.
  std::vector<std::string> keep_loaded;
  uint32_t max_output_tokens = 4096;
  absl::Duration load_timeout = absl::Minutes(10);
  absl::Duration first_token_timeout = absl::Minutes(5);
  absl::Duration idle_timeout = absl::Seconds(60);
  absl::Duration longest_call = absl::Minutes(10);
  absl::Duration engine_check_interval = absl::Seconds(2);
  absl::Duration wedge_silence = absl::Seconds(30);
  std::vector<std::string> model_slots;  // "qwen3-vl:4b=1"
  uint32_t ollama_num_parallel = 0;      // 0: learn it.
  std::string hand_ahead = "auto";       // Or never.
  uint32_t max_queued = 256;
  absl::Duration max_queue_wait = absl::Minutes(5);
  uint32_t max_held_mib = 512;
  uint32_t max_retries = 3;
  uint32_t worker_threads = 2;
  std::vector<std::string> model_profiles;  // "qwen3-vl:4b,num_ctx=8192", see ModelProfiles.
  bool allow_runtime_options = false;
  uint32_t cache_mib = 64;  // 0: nothing is kept in memory.
  absl::Duration cache_ttl = absl::Hours(1);
  std::string cache_redis;  // host:port or the path of a Unix socket; empty: none.
  uint32_t batch_window = 32;
  uint32_t batch_window_mib = 64;
  absl::Duration drain_timeout = absl::Seconds(30);
  std::string otlp_endpoint;  // Empty: no spans are exported.
  double trace_sample_ratio = 1;
  std::string model_admin = "deny";
  std::string offload = "allow";         // Or warn, refuse: of models not all on the GPU.
  std::vector<std::string> experiments;  // As ParseExperiment reads them.
  bool shadow_beside_callers = false;
  std::string log_level = "info";
  std::string log_format = "json";
  bool healthcheck = false;

  // INVALID_ARGUMENT naming the flag.
  absl::Status Validate() const;
  // What model_slots says. Of a valid configuration.
  std::map<std::string, uint32_t, std::less<>> SlotsOfModels() const;
  // The models that are to stay loaded, no two alike.
  std::vector<std::string> KeptModels() const;
};

// Host and port, or the path of a Unix socket and 0; nothing when `address` is neither.
std::optional<std::pair<std::string, uint16_t>> ParseRedisAddress(const std::string& address);

// Reads the command line. Returns -1 to go on, otherwise the exit code of the process.
int ParseInferenceConfig(int argc, const char* const* argv, InferenceConfig& config);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_CONFIG_H_
