// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_MEMORY_METRICS_H_
#define TESSERA_SERVICES_PREPROCESS_MEMORY_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace tessera::preprocess {

// What libvips and the allocator hold, asked at every scrape. Thread-safe.
class MemoryMetrics : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_MEMORY_METRICS_H_
