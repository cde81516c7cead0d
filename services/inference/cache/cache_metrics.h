// SPDX-License-Identifier: Apache-2.0
//
// Metrics of the answer cache, by tier: memory and redis.
#ifndef TESSERA_SERVICES_INFERENCE_CACHE_CACHE_METRICS_H_
#define TESSERA_SERVICES_INFERENCE_CACHE_CACHE_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>

#include "absl/time/time.h"

namespace tessera::inference {

enum class CacheTier { kMemory, kRedis };
enum class CacheEviction { kAge, kRoom };

// Thread-safe.
class CacheMetrics {
 public:
  explicit CacheMetrics(prometheus::Registry& registry);

  void CountHit(CacheTier tier) { Of(hits_, tier)->Increment(); }
  void CountMiss(CacheTier tier) { Of(misses_, tier)->Increment(); }
  void CountWrite(CacheTier tier, size_t bytes) {
    Of(writes_, tier)->Increment();
    Of(written_bytes_, tier)->Increment(static_cast<double>(bytes));
  }
  // Redis could not be asked, or did not answer in time.
  void CountRedisError() { redis_errors_->Increment(); }
  void CountEviction(CacheEviction why) { evictions_[static_cast<size_t>(why)]->Increment(); }
  // A request went with an identical one that was already in flight.
  void CountJoin() { joins_->Increment(); }
  void SetMemory(size_t bytes, size_t answers) {
    bytes_->Set(static_cast<double>(bytes));
    answers_->Set(static_cast<double>(answers));
  }
  void SetRedisUp(bool up) { redis_up_->Set(up ? 1 : 0); }
  void ObserveRedis(absl::Duration took) { redis_seconds_->Observe(absl::ToDoubleSeconds(took)); }

 private:
  using ByTier = std::array<prometheus::Counter*, 2>;
  static prometheus::Counter* Of(const ByTier& series, CacheTier tier) {
    return series[static_cast<size_t>(tier)];
  }

  ByTier hits_, misses_, writes_, written_bytes_;
  std::array<prometheus::Counter*, 2> evictions_;
  prometheus::Counter* joins_;
  prometheus::Counter* redis_errors_;
  prometheus::Gauge* bytes_;
  prometheus::Gauge* answers_;
  prometheus::Gauge* redis_up_;
  prometheus::Histogram* redis_seconds_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CACHE_CACHE_METRICS_H_
