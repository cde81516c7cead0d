// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/answer_cache.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "common/logging/log.h"
#include "tests/support/metric_values.h"
#include "tests/support/redis_server.h"

namespace tessera::inference {
namespace {

using testing::MetricValue;
using testing::RedisServer;

CacheKey Key(uint8_t number) {
  CacheKey key;
  key.digest.fill(number);
  return key;
}

// A process with a cache.
struct Process {
  explicit Process(const std::optional<std::string>& redis, size_t memory_bytes = 1 << 20,
                   absl::Duration ttl = absl::Hours(1))
      : cache({.memory_bytes = memory_bytes, .ttl = ttl, .redis = Redis(redis)}, metrics) {}

  static std::optional<RedisStore::Options> Redis(const std::optional<std::string>& socket) {
    if (!socket) return std::nullopt;
    RedisStore::Options options;
    options.host = *socket;
    options.limit = absl::Seconds(1);
    options.reconnect = absl::Milliseconds(20);
    return options;
  }

  std::optional<std::string> Fetch(const CacheKey& key) {
    std::optional<std::string> result;
    Notification done;
    cache.Fetch(key, [&](std::optional<std::string> answer) {
      result = std::move(answer);
      done.Notify();
    });
    EXPECT_TRUE(done.WaitFor(absl::Seconds(10)));
    return result;
  }

  std::optional<double> Count(const std::string& what, const std::string& tier) {
    return MetricValue(registry, "tessera_inference_cache_" + what + "_total", {{"tier", tier}});
  }
  std::optional<double> Value(const std::string& what) {
    return MetricValue(registry, "tessera_inference_cache_" + what);
  }

  prometheus::Registry registry;
  CacheMetrics metrics{registry};
  AnswerCache cache;
};

bool Becomes(const std::function<bool()>& met) {
  const absl::Time until = absl::Now() + absl::Seconds(10);
  for (; absl::Now() < until; absl::SleepFor(absl::Milliseconds(1))) {
    if (met()) return true;
  }
  return false;
}

class AnswerCacheTest : public ::testing::Test {
 protected:
  AnswerCacheTest() { InitLogging({.service = "test", .level = LogLevel::kOff}); }

  RedisServer redis_;
};

TEST_F(AnswerCacheTest, WithoutRedisHasWhatMemoryHas) {
  Process process(std::nullopt);
  EXPECT_EQ(process.cache.InMemory(Key(1)), nullptr);
  EXPECT_EQ(process.Fetch(Key(1)), std::nullopt);
  process.cache.Put(Key(1), "answer");
  EXPECT_EQ(*process.cache.InMemory(Key(1)), "answer");
  EXPECT_EQ(process.Count("hits", "memory"), 1);
  EXPECT_EQ(process.Count("misses", "memory"), 1);
  EXPECT_EQ(process.Count("writes", "memory"), 1);
  EXPECT_EQ(process.Count("written_bytes", "memory"), 6);
  EXPECT_EQ(process.Value("redis_up"), 0);
}

TEST_F(AnswerCacheTest, KeepsNoGiants) {
  Process process(std::nullopt, size_t{1} << 30);
  process.cache.Put(Key(1), std::string((4 << 20) + 1, 'x'));
  EXPECT_EQ(process.cache.InMemory(Key(1)), nullptr);
}

TEST_F(AnswerCacheTest, WhatOneProcessPutTheOtherFindsInRedisAndThenInMemory) {
  redis_.Start();
  Process writer(redis_.socket()), reader(redis_.socket());
  ASSERT_TRUE(Becomes([&] { return writer.Value("redis_up") == 1; }));
  ASSERT_TRUE(Becomes([&] { return reader.Value("redis_up") == 1; }));
  const std::string answer = std::string("an\0swer", 7) + std::string(100'000, '\xff');
  writer.cache.Put(Key(1), answer);
  ASSERT_TRUE(Becomes([&] { return reader.Fetch(Key(1)).has_value(); }));
  EXPECT_EQ(*reader.cache.InMemory(Key(1)), answer);
  EXPECT_EQ(reader.Fetch(Key(2)), std::nullopt);
  EXPECT_GE(*reader.Count("hits", "redis"), 1);
  EXPECT_GE(*reader.Count("misses", "redis"), 1);
  EXPECT_EQ(writer.Count("writes", "redis"), 1);
}

TEST_F(AnswerCacheTest, RedisForgetsToo) {
  redis_.Start();
  Process writer(redis_.socket(), 1 << 20, absl::Seconds(1));
  Process reader(redis_.socket(), /*memory_bytes=*/0);
  ASSERT_TRUE(Becomes([&] { return writer.Value("redis_up") == 1; }));
  ASSERT_TRUE(Becomes([&] { return reader.Value("redis_up") == 1; }));
  writer.cache.Put(Key(1), "answer");
  ASSERT_TRUE(Becomes([&] { return reader.Fetch(Key(1)).has_value(); }));
  EXPECT_TRUE(Becomes([&] { return !reader.Fetch(Key(1)).has_value(); }));
}

TEST_F(AnswerCacheTest, ARedisThatIsNotThereIsAMissAtOnce) {
  Process process(redis_.socket());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(process.Fetch(Key(1)), std::nullopt);
  process.cache.Put(Key(1), "answer");
  EXPECT_EQ(*process.cache.InMemory(Key(1)), "answer");
  EXPECT_EQ(process.Count("misses", "redis"), 100);
}

TEST_F(AnswerCacheTest, ComesBackWithRedis) {
  redis_.Start();
  Process process(redis_.socket(), /*memory_bytes=*/0);
  ASSERT_TRUE(Becomes([&] { return process.Value("redis_up") == 1; }));
  process.cache.Put(Key(1), "answer");
  ASSERT_TRUE(Becomes([&] { return process.Fetch(Key(1)) == "answer"; }));
  redis_.Kill();
  EXPECT_EQ(process.Fetch(Key(1)), std::nullopt);
  EXPECT_TRUE(Becomes([&] {
    process.Fetch(Key(1));
    return process.Value("redis_up") == 0;
  }));
  redis_.Start();
  ASSERT_TRUE(Becomes([&] { return process.Value("redis_up") == 1; }));
  process.cache.Put(Key(1), "again");
  EXPECT_TRUE(Becomes([&] { return process.Fetch(Key(1)) == "again"; }));
}

TEST_F(AnswerCacheTest, ARedisThatDoesNotAnswerIsAMissInTime) {
  redis_.Start();
  Process process(redis_.socket(), /*memory_bytes=*/0);
  ASSERT_TRUE(Becomes([&] { return process.Value("redis_up") == 1; }));
  redis_.Halt();
  const absl::Time start = absl::Now();
  EXPECT_EQ(process.Fetch(Key(1)), std::nullopt);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_GE(*MetricValue(process.registry, "tessera_inference_cache_redis_errors_total"), 1);
  redis_.GoOn();
}

TEST_F(AnswerCacheTest, WhatWaitsWhenTheCacheEndsIsAnswered) {
  redis_.Start();
  auto process = std::make_unique<Process>(redis_.socket(), /*memory_bytes=*/0);
  ASSERT_TRUE(Becomes([&] { return process->Value("redis_up") == 1; }));
  redis_.Halt();
  int answered = 0;
  Mutex mutex;
  for (int i = 0; i < 20; ++i) {
    process->cache.Fetch(Key(1), [&](const std::optional<std::string>& answer) {
      EXPECT_EQ(answer, std::nullopt);
      MutexLock lock(&mutex);
      ++answered;
    });
  }
  process.reset();
  EXPECT_EQ(answered, 20);
  redis_.GoOn();
}

}  // namespace
}  // namespace tessera::inference
