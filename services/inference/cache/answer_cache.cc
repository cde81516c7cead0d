// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/answer_cache.h"

#include <utility>

#include "absl/time/clock.h"

namespace tessera::inference {
namespace {

// More is not worth the room: such an answer took minutes to make and is rarely asked for twice.
constexpr size_t kMaxAnswerBytes = 4 << 20;

std::unique_ptr<RedisStore> MakeRedis(const AnswerCache::Options& options, CacheMetrics& metrics) {
  if (!options.redis) return nullptr;
  RedisStore::Options redis = *options.redis;
  redis.ttl = options.ttl;
  return std::make_unique<RedisStore>(std::move(redis), metrics);
}

}  // namespace

AnswerCache::AnswerCache(Options options, CacheMetrics& metrics)
    : metrics_(metrics),
      memory_(options.memory_bytes, options.ttl, metrics),
      redis_(MakeRedis(options, metrics)) {}

std::shared_ptr<const std::string> AnswerCache::InMemory(const CacheKey& key) {
  std::shared_ptr<const std::string> answer = memory_.Get(key, absl::Now());
  if (answer != nullptr) metrics_.CountHit(CacheTier::kMemory);
  return answer;
}

void AnswerCache::Fetch(const CacheKey& key,
                        std::function<void(std::optional<std::string>)> found) {
  metrics_.CountMiss(CacheTier::kMemory);
  if (redis_ == nullptr) return found(std::nullopt);
  redis_->Get(key, [this, key, found = std::move(found)](std::optional<std::string> answer) {
    if (answer) memory_.Put(key, std::make_shared<const std::string>(*answer), absl::Now());
    found(std::move(answer));
  });
}

void AnswerCache::Put(const CacheKey& key, std::string answer) {
  if (answer.size() > kMaxAnswerBytes) return;
  const auto kept = std::make_shared<const std::string>(std::move(answer));
  metrics_.CountWrite(CacheTier::kMemory, kept->size());
  memory_.Put(key, kept, absl::Now());
  if (redis_ == nullptr) return;
  metrics_.CountWrite(CacheTier::kRedis, kept->size());
  redis_->Put(key, kept);
}

}  // namespace tessera::inference
