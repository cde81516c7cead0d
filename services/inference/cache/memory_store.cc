// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/memory_store.h"

#include <utility>

namespace tessera::inference {
namespace {

// Of the list, the map and the string around an answer's bytes, about.
constexpr size_t kBytesBeside = 256;
constexpr size_t kLargestShare = 4;

size_t BytesOf(const std::string& answer) { return answer.size() + kBytesBeside; }

}  // namespace

std::shared_ptr<const std::string> MemoryStore::Get(const CacheKey& key, absl::Time now) {
  MutexLock lock(&mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  const Entries::iterator entry = found->second;
  if (now - entry->put > ttl_) {
    Erase(entry);
    metrics_.CountEviction(CacheEviction::kAge);
    Report();
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->answer;
}

void MemoryStore::Put(const CacheKey& key, std::shared_ptr<const std::string> answer,
                      absl::Time now) {
  const size_t bytes = BytesOf(*answer);
  if (bytes > max_bytes_ / kLargestShare) return;
  MutexLock lock(&mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) Erase(found->second);
  while (bytes_ + bytes > max_bytes_) {
    Erase(std::prev(entries_.end()));
    metrics_.CountEviction(CacheEviction::kRoom);
  }
  entries_.push_front({key, std::move(answer), now});
  by_key_[key] = entries_.begin();
  bytes_ += bytes;
  Report();
}

void MemoryStore::Erase(Entries::iterator entry) {
  bytes_ -= BytesOf(*entry->answer);
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

void MemoryStore::Report() { metrics_.SetMemory(bytes_, entries_.size()); }

}  // namespace tessera::inference
