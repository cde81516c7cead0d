// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/preprocess_config.h"

#include <algorithm>
#include <thread>

#include "common/rpc/flags.h"
#include "common/status/error.h"
#include "common/version.h"

namespace tessera::preprocess {
namespace {
constexpr char kDescription[] =
    "tessera-preprocess turns picture files into what a vision model wants, and answers\n"
    "tessera.inference.v1.InferenceService at the front door: it prepares the pictures of a "
    "request\n"
    "and passes it on to tessera-inference.\n"
    "Every flag can also be set as TESSERA_PREPROCESS_<FLAG>, or in the file named by --config.\n";
}

absl::Status PreprocessConfig::Validate() const {
  if (inference_address.empty()) return InvalidField("--inference-address", "must not be empty");
  if (worker_threads > 256) return InvalidField("--worker-threads", "must be in [0, 256]");
  if (max_queued > 100'000) return InvalidField("--max-queued", "must be at most 100000");
  if (memory_budget_mib > 0 && memory_budget_mib < 16) {
    return InvalidField("--memory-budget-mib", "must be 0 or at least 16");
  }
  if (max_held_mib < max_file_mib) {
    return InvalidField("--max-held-mib", "must be at least --max-file-mib");
  }
  if (stream_window_items < 1 || stream_window_items > 10'000) {
    return InvalidField("--stream-window-items", "must be in [1, 10000]");
  }
  if (stream_window_mib < max_file_mib) {
    return InvalidField("--stream-window-mib", "must be at least --max-file-mib");
  }
  if (max_file_mib < 1 || max_file_mib > 60) {
    return InvalidField("--max-file-mib", "must be in [1, 60]: a message holds at most 64 MiB");
  }
  if (max_megapixels < 1 || max_megapixels > 500) {
    return InvalidField("--max-megapixels", "must be in [1, 500]");
  }
  if (batch_window < 1 || batch_window > 10'000) {
    return InvalidField("--batch-window", "must be in [1, 10000]");
  }
  if (batch_window_mib < 1) return InvalidField("--batch-window-mib", "must be at least 1");
  if (longest_call <= absl::ZeroDuration()) {
    return InvalidField("--longest-call", "must be more than 0");
  }
  if (inference_check_interval < absl::Milliseconds(10)) {
    return InvalidField("--inference-check-interval", "must be at least 10ms");
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

PictureLimits PreprocessConfig::Limits() const {
  PictureLimits limits;
  limits.max_file_bytes = uint64_t{max_file_mib} << 20;
  limits.max_pixels = uint64_t{max_megapixels} * 1'000'000;
  return limits;
}

int PreprocessConfig::Workers() const {
  if (worker_threads > 0) return static_cast<int>(worker_threads);
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

uint64_t PreprocessConfig::MemoryBudgetBytes() const {
  // Two progressive JPEGs of 12 megapixels at a time.
  constexpr uint64_t kLeastMib = 96;
  constexpr uint64_t kMibPerWorker = 24;
  if (memory_budget_mib > 0) return uint64_t{memory_budget_mib} << 20;
  return std::max(kLeastMib, kMibPerWorker * static_cast<uint64_t>(Workers())) << 20;
}

int ParsePreprocessConfig(int argc, const char* const* argv, PreprocessConfig& config) {
  Flags flags(kDescription, "TESSERA_PREPROCESS");
  flags.Add("--listen", config.listen, "gRPC address, host:port; port 0 picks a free one");
  flags.Add("--metrics-listen", config.metrics_listen, "Address of /metrics for Prometheus");
  flags.Add("--inference-address", config.inference_address,
            "tessera-inference, host:port; a name with several addresses is balanced over");
  flags.Add("--worker-threads", config.worker_threads,
            "Threads that prepare pictures; 0 is one per core");
  flags.Add("--max-queued", config.max_queued,
            "Pictures that may wait for a worker; further ones are answered RESOURCE_EXHAUSTED");
  flags.Add(
      "--memory-budget-mib", config.memory_budget_mib,
      "Memory that pictures in preparation may take together, MiB; further ones wait; 0 is 24 "
      "for each worker thread, and at least 96");
  flags.Add("--max-held-mib", config.max_held_mib,
            "Files of pictures that wait or are prepared, MiB together");
  flags.Add("--stream-window-items", config.stream_window_items,
            "Pictures that a StreamPreprocess call may have unanswered");
  flags.Add("--stream-window-mib", config.stream_window_mib,
            "Files that a StreamPreprocess call may have unanswered, MiB");
  flags.Add("--max-file-mib", config.max_file_mib, "Largest picture file, MiB");
  flags.Add("--max-megapixels", config.max_megapixels, "Largest picture, megapixels");
  flags.Add("--batch-window", config.batch_window, "Items of a batch that may be unanswered");
  flags.Add("--batch-window-mib", config.batch_window_mib, "Bytes of these items together, MiB");
  flags.Add("--longest-call", config.longest_call, "Deadline of calls that bring none");
  flags.Add("--inference-check-interval", config.inference_check_interval,
            "How often tessera-inference is asked for its health");
  flags.Add("--drain-timeout", config.drain_timeout,
            "After SIGTERM, how long requests in flight may take to end");
  flags.Add("--otlp-endpoint", config.otlp_endpoint,
            "OpenTelemetry collector that gets the spans, http://host:4318; empty: none");
  flags.Add("--trace-sample-ratio", config.trace_sample_ratio,
            "Share of the traces that begin here that is recorded, 0 to 1");
  flags.Add("--log-level", config.log_level, "debug, info, warning, error or off")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}));
  flags.Add("--log-format", config.log_format, "json or text")
      ->check(CLI::IsMember({"json", "text"}));
  flags.AddSwitch("--healthcheck", config.healthcheck,
                  "Ask the server at --listen for its health and exit: 0 serving, 1 not serving, "
                  "2 not reachable");
  return flags.Parse(argc, argv, TESSERA_VERSION);
}

}  // namespace tessera::preprocess
