// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/load_metrics.h"

#include <string>

#include "services/preprocess/gauge_family.h"

namespace tessera::preprocess {

std::vector<prometheus::MetricFamily> LoadMetrics::Collect() const {
  const PictureScheduler::Load load = workers_.load();
  std::vector<prometheus::ClientMetric> queued;
  std::vector<prometheus::ClientMetric> running;
  for (const Lane lane : kLanes) {
    const std::vector<prometheus::ClientMetric::Label> labels = {
        {"lane", std::string(LaneName(lane))}};
    queued.push_back(GaugeValue(load.queued[static_cast<size_t>(lane)], labels));
    running.push_back(GaugeValue(load.running[static_cast<size_t>(lane)], labels));
  }
  const auto bytes = [](uint64_t value) { return GaugeValue(static_cast<double>(value)); };
  return {
      GaugeFamily("tessera_preprocess_queue_pictures", "Pictures that wait for a worker now.",
                  {GaugeValue(load.queued[0] + load.queued[1])}),
      GaugeFamily("tessera_preprocess_busy_workers", "Workers that prepare a picture now.",
                  {GaugeValue(load.running[0] + load.running[1])}),
      GaugeFamily("tessera_preprocess_lane_queue_pictures", "Pictures that wait in a lane now.",
                  queued),
      GaugeFamily("tessera_preprocess_lane_busy_workers",
                  "Workers that prepare a picture of a lane now.", running),
      GaugeFamily("tessera_preprocess_memory_budget_bytes",
                  "Memory that pictures in preparation may take together.",
                  {bytes(workers_.memory_budget_bytes())}),
      GaugeFamily("tessera_preprocess_memory_reserved_bytes",
                  "Memory predicted for the pictures in preparation now.",
                  {bytes(load.memory_in_use_bytes)}),
      GaugeFamily("tessera_preprocess_held_file_bytes",
                  "Bytes of picture files that wait or are prepared now.",
                  {bytes(load.held_bytes)}),
  };
}

}  // namespace tessera::preprocess
