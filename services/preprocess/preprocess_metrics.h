// SPDX-License-Identifier: Apache-2.0
//
// What tessera-preprocess counts; load_metrics.h and memory_metrics.h say what is now.
#ifndef TESSERA_SERVICES_PREPROCESS_PREPROCESS_METRICS_H_
#define TESSERA_SERVICES_PREPROCESS_PREPROCESS_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/preprocess/admission/picture_cost.h"
#include "services/preprocess/picture/prepared_picture.h"

namespace tessera::preprocess {

// Name of the stage that comes before those of stage_times.h: the wait for a worker.
inline constexpr std::string_view kQueueStage = "queue";

// What a picture took beside its stages.
struct PictureEffort {
  absl::Duration queued;
  absl::Duration time;  // By the clock, without the queue.
  absl::Duration work;  // Of the processor.
  PictureCost predicted;
};

// Thread-safe. All series exist at 0 from the start.
class PreprocessMetrics {
 public:
  explicit PreprocessMetrics(prometheus::Registry& registry);

  void CountPrepared(const PreparedPicture& picture, const PictureEffort& effort);
  // Counts a picture that was not prepared under its ErrorInfo reason, "other" for unknown ones.
  void CountRefused(const absl::Status& status);
  // Processor time that went into a picture nobody waited for any more.
  void CountWasted(absl::Duration work);

  prometheus::Gauge& inference_up() { return *inference_up_; }

 private:
  struct LaneSeries {
    prometheus::Histogram* wait;
    prometheus::Counter* predicted;
    prometheus::Counter* work;
  };
  struct FormatSeries {
    prometheus::Histogram* pictures;
    prometheus::Counter* bytes;
    prometheus::Counter* pixels;
    std::map<std::string, prometheus::Counter*, std::less<>> stages;
  };

  void AddStageSeries(prometheus::Registry& registry);
  void AddFormatSeries(prometheus::Registry& registry);
  void AddRefusalSeries(prometheus::Registry& registry);
  void AddOutputSeries(prometheus::Registry& registry);
  void AddPlanSeries(prometheus::Registry& registry);
  void AddLaneSeries(prometheus::Registry& registry);

  std::map<std::string, prometheus::Histogram*, std::less<>> stages_;
  std::map<std::string, FormatSeries, std::less<>> formats_;
  std::map<std::string, prometheus::Counter*, std::less<>> refused_;
  std::map<std::string, prometheus::Counter*, std::less<>> bytes_out_;  // By encoding.
  std::map<std::pair<std::string, int>, prometheus::Counter*> plans_;   // By decoder and shrink.
  std::array<LaneSeries, kLanes.size()> lanes_ = {};
  prometheus::Counter* pixels_out_;
  prometheus::Counter* wasted_;
  prometheus::Histogram* cost_ratio_;
  prometheus::Gauge* inference_up_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PREPROCESS_METRICS_H_
