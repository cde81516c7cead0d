// SPDX-License-Identifier: Apache-2.0
//
// Configuration of tessera-inference: flags, environment (TESSERA_INFERENCE_*), config file.
#ifndef TESSERA_SERVICES_INFERENCE_INFERENCE_CONFIG_H_
#define TESSERA_SERVICES_INFERENCE_INFERENCE_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/logging/log.h"

namespace tessera::inference {

// Defaults are the product's; tests change what they need. Passed by value; never global.
struct InferenceConfig {
  std::string listen = "127.0.0.1:7001";
  std::string metrics_listen = "127.0.0.1:9101";
  std::string ollama_url = "http://127.0.0.1:11434";
  std::string vision_model = "qwen3-vl:4b";
  std::string text_model = "llama3.2-custom";
  absl::Duration keep_alive = absl::Minutes(30);
  uint32_t max_output_tokens = 4096;
  absl::Duration first_token_timeout = absl::Minutes(5);
  absl::Duration idle_timeout = absl::Seconds(60);
  absl::Duration longest_call = absl::Minutes(10);
  absl::Duration engine_check_interval = absl::Seconds(2);
  uint32_t max_in_flight = 512;
  uint32_t max_in_flight_mib = 512;
  uint32_t worker_threads = 2;
  absl::Duration drain_timeout = absl::Seconds(30);
  std::string otlp_endpoint;  // Empty: no spans are exported.
  double trace_sample_ratio = 1;
  std::string model_admin = "deny";
  std::string log_level = "info";
  std::string log_format = "json";
  bool healthcheck = false;

  // INVALID_ARGUMENT naming the flag.
  absl::Status Validate() const;
};

// Reads the command line. Returns -1 to go on, otherwise the exit code of the process.
int ParseInferenceConfig(int argc, const char* const* argv, InferenceConfig& config);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_INFERENCE_CONFIG_H_
