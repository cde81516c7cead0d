// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/cache_metrics.h"

namespace tessera::inference {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries kRedisSeconds{
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1};

std::array<prometheus::Counter*, 2> SeriesByTier(prometheus::Registry& registry, const char* name,
                                                 const char* help) {
  auto& family = BuildCounter().Name(name).Help(help).Register(registry);
  return {&family.Add({{"tier", "memory"}}), &family.Add({{"tier", "redis"}})};
}

}  // namespace

CacheMetrics::CacheMetrics(prometheus::Registry& registry)
    : hits_(SeriesByTier(registry, "tessera_inference_cache_hits_total",
                         "Requests answered from the cache, by tier.")),
      misses_(SeriesByTier(registry, "tessera_inference_cache_misses_total",
                           "Look-ups that found nothing, by tier.")),
      writes_(SeriesByTier(registry, "tessera_inference_cache_writes_total",
                           "Answers handed to the cache, by tier.")),
      written_bytes_(SeriesByTier(registry, "tessera_inference_cache_written_bytes_total",
                                  "Bytes of answers handed to the cache, by tier.")) {
  auto& evictions = BuildCounter()
                        .Name("tessera_inference_cache_evictions_total")
                        .Help("Answers dropped from memory: too old (age), or for others (room).")
                        .Register(registry);
  evictions_ = {&evictions.Add({{"reason", "age"}}), &evictions.Add({{"reason", "room"}})};
  const auto counter = [&](const char* name, const char* help) {
    return &BuildCounter().Name(name).Help(help).Register(registry).Add({});
  };
  const auto gauge = [&](const char* name, const char* help) {
    return &BuildGauge().Name(name).Help(help).Register(registry).Add({});
  };
  joins_ = counter("tessera_inference_cache_joins_total",
                   "Requests that went with an identical one already in flight.");
  redis_errors_ = counter("tessera_inference_cache_redis_errors_total",
                          "Questions to Redis that failed or took too long.");
  bytes_ = gauge("tessera_inference_cache_bytes", "Memory that cached answers take, bytes.");
  answers_ = gauge("tessera_inference_cache_answers", "Answers in memory.");
  redis_up_ = gauge("tessera_inference_cache_redis_up",
                    "1 while Redis is connected; 0 without, and where none is configured.");
  redis_seconds_ = &BuildHistogram()
                        .Name("tessera_inference_cache_redis_seconds")
                        .Help("From a question to Redis to its answer, seconds.")
                        .Register(registry)
                        .Add({}, kRedisSeconds);
}

}  // namespace tessera::inference
