// SPDX-License-Identifier: Apache-2.0
//
// Answers in a Redis server, shared by all processes that are told of it. Never a reason to fail:
// what cannot be had in time is a miss.
#ifndef TESSERA_SERVICES_INFERENCE_CACHE_REDIS_STORE_H_
#define TESSERA_SERVICES_INFERENCE_CACHE_REDIS_STORE_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/inference/cache/cache_key.h"
#include "services/inference/cache/cache_metrics.h"

namespace tessera::inference {

class RedisConnection;

// Thread-safe. A few threads, each with a connection of its own, which is made anew in the
// background when it breaks; while there is none everything is a miss at once.
class RedisStore {
 public:
  struct Options {
    std::string host;  // Or the path of a Unix socket.
    uint16_t port = 6379;
    absl::Duration ttl = absl::Hours(1);
    absl::Duration limit = absl::Milliseconds(50);  // From a question to its answer.
    absl::Duration reconnect = absl::Seconds(1);    // Between two attempts to connect.
    int threads = 2;
    size_t max_waiting = 1024;                    // Questions; more are misses.
    size_t max_waiting_bytes = size_t{64} << 20;  // Of answers to be written; more are dropped.
  };

  RedisStore(Options options, CacheMetrics& metrics);
  // Answers what still waits, with nothing.
  ~RedisStore();

  // Nothing when the answer is not there or does not come within the limit. Called exactly once, on
  // a thread of the store, or before Get returns.
  using Found = std::function<void(std::optional<std::string>)>;
  void Get(const CacheKey& key, Found found);

  // Some time later, if at all.
  void Put(const CacheKey& key, std::shared_ptr<const std::string> answer);

 private:
  struct Question {
    std::string key;
    Found found;                                // Of Get.
    std::shared_ptr<const std::string> answer;  // Of Put.
    absl::Time deadline;
  };

  void Run();
  // Connects, again and again; nullptr when the store ends.
  std::unique_ptr<RedisConnection> Connect();
  std::optional<Question> Next();
  // False when the connection is of no use any more.
  bool Ask(RedisConnection& connection, Question question);
  // Changes how many threads can ask; without any, what waits is answered with nothing.
  void AddReady(int change);

  const Options options_;
  CacheMetrics& metrics_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Question> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int ready_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CACHE_REDIS_STORE_H_
