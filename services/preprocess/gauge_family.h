// SPDX-License-Identifier: Apache-2.0
//
// Metrics that are computed at scrape time.
#ifndef TESSERA_SERVICES_PREPROCESS_GAUGE_FAMILY_H_
#define TESSERA_SERVICES_PREPROCESS_GAUGE_FAMILY_H_

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

namespace tessera::preprocess {

inline prometheus::ClientMetric GaugeValue(
    double value, std::vector<prometheus::ClientMetric::Label> labels = {}) {
  prometheus::ClientMetric metric;
  metric.label = std::move(labels);
  metric.gauge.value = value;
  return metric;
}

inline prometheus::MetricFamily GaugeFamily(const char* name, const char* help,
                                            std::vector<prometheus::ClientMetric> metrics) {
  return {name, help, prometheus::MetricType::Gauge, std::move(metrics)};
}

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_GAUGE_FAMILY_H_
