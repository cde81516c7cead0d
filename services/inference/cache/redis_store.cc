// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/redis_store.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "services/inference/cache/redis_connection.h"

namespace tessera::inference {
namespace {

constexpr std::string_view kPrefix = "tessera:answer:";
// Nobody waits for a write.
constexpr absl::Duration kWriteLimit = absl::Seconds(1);
constexpr absl::Duration kConnectLimit = absl::Seconds(1);

std::string NameOf(const CacheKey& key) { return std::string(kPrefix) + key.Hex(); }

}  // namespace

RedisStore::RedisStore(Options options, CacheMetrics& metrics)
    : options_(std::move(options)), metrics_(metrics) {
  for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { Run(); });
}

RedisStore::~RedisStore() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

void RedisStore::Get(const CacheKey& key, Found found) {
  {
    MutexLock lock(&mutex_);
    if (ready_ > 0 && !stopping_ && waiting_.size() < options_.max_waiting) {
      waiting_.push_back({.key = NameOf(key),
                          .found = std::move(found),
                          .deadline = absl::Now() + options_.limit});
      changed_.Signal();
      return;
    }
  }
  metrics_.CountMiss(CacheTier::kRedis);
  found(std::nullopt);
}

void RedisStore::Put(const CacheKey& key, std::shared_ptr<const std::string> answer) {
  MutexLock lock(&mutex_);
  if (ready_ == 0 || stopping_ || waiting_.size() >= options_.max_waiting ||
      waiting_bytes_ + answer->size() > options_.max_waiting_bytes) {
    return;
  }
  waiting_bytes_ += answer->size();
  waiting_.push_back(
      {.key = NameOf(key), .answer = std::move(answer), .deadline = absl::Now() + kWriteLimit});
  changed_.Signal();
}

void RedisStore::Run() {
  while (std::unique_ptr<RedisConnection> connection = Connect()) {
    AddReady(1);
    bool alive = true;
    while (alive) {
      std::optional<Question> question = Next();
      if (!question) break;
      alive = Ask(*connection, *std::move(question));
    }
    AddReady(-1);
  }
}

std::unique_ptr<RedisConnection> RedisStore::Connect() {
  bool told = false;
  for (;;) {
    {
      MutexLock lock(&mutex_);
      if (stopping_) return nullptr;
    }
    auto connection = RedisConnection::Connect(options_.host, options_.port, kConnectLimit);
    if (connection.ok()) {
      LogInfo("cache connected", {{"host", options_.host}, {"port", options_.port}});
      return *std::move(connection);
    }
    if (!std::exchange(told, true)) {
      LogWarning("cache not connected", {{"host", options_.host},
                                         {"port", options_.port},
                                         {"error", std::string(connection.status().message())}});
    }
    const absl::Time next = absl::Now() + options_.reconnect;
    MutexLock lock(&mutex_);
    for (absl::Duration left = options_.reconnect; !stopping_ && left > absl::ZeroDuration();
         left = next - absl::Now()) {
      changed_.WaitFor(&mutex_, left);
    }
  }
}

std::optional<RedisStore::Question> RedisStore::Next() {
  MutexLock lock(&mutex_);
  while (waiting_.empty() && !stopping_) changed_.Wait(&mutex_);
  if (stopping_) return std::nullopt;
  Question question = std::move(waiting_.front());
  waiting_.pop_front();
  if (question.answer != nullptr) waiting_bytes_ -= question.answer->size();
  return question;
}

bool RedisStore::Ask(RedisConnection& connection, Question question) {
  const absl::Time start = absl::Now();
  if (question.answer != nullptr) {
    const absl::Status status =
        connection.Set(question.key, *question.answer, options_.ttl, question.deadline);
    if (!status.ok()) metrics_.CountRedisError();
    return status.ok();
  }
  auto value = connection.Get(question.key, question.deadline);
  metrics_.ObserveRedis(absl::Now() - start);
  if (!value.ok()) {
    metrics_.CountRedisError();
    metrics_.CountMiss(CacheTier::kRedis);
    question.found(std::nullopt);
    return false;
  }
  if (value->has_value()) {
    metrics_.CountHit(CacheTier::kRedis);
  } else {
    metrics_.CountMiss(CacheTier::kRedis);
  }
  question.found(*std::move(value));
  return true;
}

void RedisStore::AddReady(int change) {
  std::deque<Question> unanswered;
  {
    MutexLock lock(&mutex_);
    ready_ += change;
    metrics_.SetRedisUp(ready_ > 0);
    if (ready_ == 0) {
      unanswered.swap(waiting_);
      waiting_bytes_ = 0;
    }
  }
  for (Question& question : unanswered) {
    if (!question.found) continue;
    metrics_.CountMiss(CacheTier::kRedis);
    question.found(std::nullopt);
  }
}

}  // namespace tessera::inference
