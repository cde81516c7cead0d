// SPDX-License-Identifier: Apache-2.0
//
// Answers in this process's memory, the least recently used one forgotten first.
#ifndef TESSERA_SERVICES_INFERENCE_CACHE_MEMORY_STORE_H_
#define TESSERA_SERVICES_INFERENCE_CACHE_MEMORY_STORE_H_

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/cache/cache_key.h"
#include "services/inference/cache/cache_metrics.h"

namespace tessera::inference {

// Thread-safe.
class MemoryStore {
 public:
  // Keeps answers of `max_bytes` together, what it needs for keeping them included, each for at
  // most `ttl`. `metrics` must outlive the store.
  MemoryStore(size_t max_bytes, absl::Duration ttl, CacheMetrics& metrics)
      : max_bytes_(max_bytes), ttl_(ttl), metrics_(metrics) {}

  // nullptr when there is none that was put after `now` - ttl.
  std::shared_ptr<const std::string> Get(const CacheKey& key, absl::Time now);

  // Takes the place of what is there. An answer of more than a quarter of all room is not kept: it
  // would drive out too many others.
  void Put(const CacheKey& key, std::shared_ptr<const std::string> answer, absl::Time now);

 private:
  struct Entry {
    CacheKey key;
    std::shared_ptr<const std::string> answer;
    absl::Time put;
  };
  using Entries = std::list<Entry>;

  void Erase(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Report() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t max_bytes_;
  const absl::Duration ttl_;
  CacheMetrics& metrics_;
  Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // The latest used first.
  std::unordered_map<CacheKey, Entries::iterator, CacheKeyHash> by_key_ ABSL_GUARDED_BY(mutex_);
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CACHE_MEMORY_STORE_H_
