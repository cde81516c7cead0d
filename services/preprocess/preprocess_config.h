// SPDX-License-Identifier: Apache-2.0
//
// Configuration of tessera-preprocess: flags, environment (TESSERA_PREPROCESS_*), config file.
#ifndef TESSERA_SERVICES_PREPROCESS_PREPROCESS_CONFIG_H_
#define TESSERA_SERVICES_PREPROCESS_PREPROCESS_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/preprocess/picture/picture_limits.h"

namespace tessera::preprocess {

// Defaults are the product's; tests change what they need. Passed by value; never global.
struct PreprocessConfig {
  std::string listen = "127.0.0.1:7000";
  std::string metrics_listen = "127.0.0.1:9100";
  std::string inference_address = "127.0.0.1:7001";
  uint32_t worker_threads = 0;  // 0: one per core.
  uint32_t max_queued = 64;
  uint32_t memory_budget_mib = 0;  // 0: 24 for each worker, and at least 96.
  uint32_t max_held_mib = 512;
  uint32_t stream_window_items = 32;
  uint32_t stream_window_mib = 128;
  uint32_t max_file_mib = 32;
  uint32_t max_megapixels = 50;
  uint32_t batch_window = 32;
  uint32_t batch_window_mib = 64;
  absl::Duration longest_call = absl::Minutes(10);
  absl::Duration inference_check_interval = absl::Seconds(2);
  absl::Duration drain_timeout = absl::Seconds(30);
  std::string otlp_endpoint;  // Empty: no spans are exported.
  double trace_sample_ratio = 1;
  std::string log_level = "info";
  std::string log_format = "json";
  bool healthcheck = false;

  // INVALID_ARGUMENT naming the flag.
  absl::Status Validate() const;
  PictureLimits Limits() const;
  int Workers() const;
  uint64_t MemoryBudgetBytes() const;
};

// Reads the command line. Returns -1 to go on, otherwise the exit code of the process.
int ParsePreprocessConfig(int argc, const char* const* argv, PreprocessConfig& config);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PREPROCESS_CONFIG_H_
