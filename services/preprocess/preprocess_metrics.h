// SPDX-License-Identifier: Apache-2.0
//
// Every metric of tessera-preprocess, except those of common/rpc and common/metrics.
#ifndef TESSERA_SERVICES_PREPROCESS_PREPROCESS_METRICS_H_
#define TESSERA_SERVICES_PREPROCESS_PREPROCESS_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/preprocess/picture/prepared_picture.h"

namespace tessera::preprocess {

// Name of the stage that comes before those of stage_times.h: the wait for a worker.
inline constexpr std::string_view kQueueStage = "queue";

// Thread-safe. All series exist at 0 from the start.
class PreprocessMetrics {
 public:
  explicit PreprocessMetrics(prometheus::Registry& registry);

  void CountPrepared(const PreparedPicture& picture, absl::Duration queued, absl::Duration worked);
  // Counts a picture that was not prepared under its ErrorInfo reason, "other" for unknown ones.
  void CountRefused(const absl::Status& status);

  // Moved by whoever queues and runs pictures.
  prometheus::Gauge& queued() { return *queued_; }
  prometheus::Gauge& running() { return *running_; }
  prometheus::Gauge& inference_up() { return *inference_up_; }

 private:
  std::map<std::string, prometheus::Histogram*, std::less<>> stages_;
  std::map<std::string, prometheus::Histogram*, std::less<>> pictures_;  // By format.
  std::map<std::string, prometheus::Counter*, std::less<>> refused_;
  prometheus::Counter* bytes_in_;
  prometheus::Counter* bytes_out_;
  prometheus::Counter* pixels_in_;
  prometheus::Counter* pixels_out_;
  prometheus::Gauge* queued_;
  prometheus::Gauge* running_;
  prometheus::Gauge* inference_up_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PREPROCESS_METRICS_H_
