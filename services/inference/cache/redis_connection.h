// SPDX-License-Identifier: Apache-2.0
//
// One connection to a Redis server, every step of it bounded in time.
#ifndef TESSERA_SERVICES_INFERENCE_CACHE_REDIS_CONNECTION_H_
#define TESSERA_SERVICES_INFERENCE_CACHE_REDIS_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct redisContext;

namespace tessera::inference {

// Used by one thread. After an error it is of no use any more.
class RedisConnection {
 public:
  // `host` is a name or an address, or the path of a Unix socket, which begins with '/' and has no
  // port. Errors of all: UNAVAILABLE, or DEADLINE_EXCEEDED when `limit` passed. A name is resolved
  // first, which takes what it takes.
  static absl::StatusOr<std::unique_ptr<RedisConnection>> Connect(const std::string& host,
                                                                  uint16_t port,
                                                                  absl::Duration limit);
  ~RedisConnection();

  // Nothing when the server has no such key.
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key, absl::Time deadline);
  absl::Status Set(std::string_view key, std::string_view value, absl::Duration ttl,
                   absl::Time deadline);

 private:
  explicit RedisConnection(redisContext* context);

  // Sends a command and hands its reply to `read`.
  template <typename Read>
  absl::Status Ask(const std::vector<std::string_view>& command, absl::Time deadline, Read read);
  absl::Status Send(std::string_view bytes, absl::Time deadline);
  absl::Status Wait(short events, absl::Time deadline);

  const std::unique_ptr<redisContext, void (*)(redisContext*)> context_;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CACHE_REDIS_CONNECTION_H_
