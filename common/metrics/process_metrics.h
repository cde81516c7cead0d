// SPDX-License-Identifier: Apache-2.0
//
// The process_* metrics that Prometheus clients usually export, the build, and the memory limit.
#ifndef TESSERA_COMMON_METRICS_PROCESS_METRICS_H_
#define TESSERA_COMMON_METRICS_PROCESS_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace tessera {

// Reads /proc/self at scrape time. Thread-safe.
class ProcessMetrics : public prometheus::Collectable {
 public:
  // `service` and `version` become labels of tessera_build_info.
  ProcessMetrics(std::string service, std::string version);

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::string service_;
  const std::string version_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_METRICS_PROCESS_METRICS_H_
