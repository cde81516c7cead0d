// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_LOAD_METRICS_H_
#define TESSERA_SERVICES_PREPROCESS_LOAD_METRICS_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

#include "services/preprocess/picture_workers.h"

namespace tessera::preprocess {

// What waits and what runs, asked at every scrape. Thread-safe.
class LoadMetrics : public prometheus::Collectable {
 public:
  // `workers` must outlive the object.
  explicit LoadMetrics(const PictureWorkers& workers) : workers_(workers) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const PictureWorkers& workers_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_LOAD_METRICS_H_
