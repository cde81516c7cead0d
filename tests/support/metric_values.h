// SPDX-License-Identifier: Apache-2.0
//
// One series of a registry, as a scrape would show it.
#ifndef TESSERA_TESTS_SUPPORT_METRIC_VALUES_H_
#define TESSERA_TESTS_SUPPORT_METRIC_VALUES_H_

#include <prometheus/registry.h>

#include <map>
#include <optional>
#include <string>

namespace tessera::testing {

using MetricLabels = std::map<std::string, std::string>;

// Value of a counter or gauge, number of observations of a histogram; nullopt where there is no
// series with exactly these labels.
inline std::optional<double> MetricValue(const prometheus::Registry& registry,
                                         const std::string& name, const MetricLabels& labels = {}) {
  for (const prometheus::MetricFamily& family : registry.Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      MetricLabels found;
      for (const auto& label : metric.label) found[label.name] = label.value;
      if (found != labels) continue;
      switch (family.type) {
        case prometheus::MetricType::Counter:
          return metric.counter.value;
        case prometheus::MetricType::Histogram:
          return static_cast<double>(metric.histogram.sample_count);
        default:
          return metric.gauge.value;
      }
    }
  }
  return std::nullopt;
}

// How many series a metric has.
inline size_t SeriesCount(const prometheus::Registry& registry, const std::string& name) {
  for (const prometheus::MetricFamily& family : registry.Collect()) {
    if (family.name == name) return family.metric.size();
  }
  return 0;
}

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_METRIC_VALUES_H_
