// SPDX-License-Identifier: Apache-2.0
//
// Answers that were given before: in memory and, where one is configured, in a Redis server. What
// an answer looks like is its user's affair.
#ifndef TESSERA_SERVICES_INFERENCE_CACHE_ANSWER_CACHE_H_
#define TESSERA_SERVICES_INFERENCE_CACHE_ANSWER_CACHE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "services/inference/cache/cache_key.h"
#include "services/inference/cache/cache_metrics.h"
#include "services/inference/cache/memory_store.h"
#include "services/inference/cache/redis_store.h"

namespace tessera::inference {

// Thread-safe.
class AnswerCache {
 public:
  struct Options {
    size_t memory_bytes = size_t{64} << 20;
    absl::Duration ttl = absl::Hours(1);
    std::optional<RedisStore::Options> redis;  // Its ttl is the one above.
  };

  // `metrics` must outlive the cache.
  AnswerCache(Options options, CacheMetrics& metrics);

  // What memory has, at once; nullptr when it has nothing.
  std::shared_ptr<const std::string> InMemory(const CacheKey& key);

  // What the slower tier has; call when memory has nothing. `found` is called exactly once, on
  // another thread or before Fetch returns, after at most the tier's limit. What is found is in
  // memory afterwards.
  void Fetch(const CacheKey& key, std::function<void(std::optional<std::string>)> found);

  void Put(const CacheKey& key, std::string answer);

  // A request went with an identical one already in flight, which is as good as a hit.
  void CountJoin() { metrics_.CountJoin(); }

 private:
  CacheMetrics& metrics_;
  MemoryStore memory_;
  const std::unique_ptr<RedisStore> redis_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CACHE_ANSWER_CACHE_H_
