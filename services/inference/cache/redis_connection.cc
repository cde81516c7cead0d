// SPDX-License-Identifier: Apache-2.0
#include "services/inference/cache/redis_connection.h"

#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "absl/time/clock.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

// More than any answer that is put there; whatever else lies under our key is not read to its end.
constexpr size_t kMaxReplyBytes = 16 << 20;

absl::Status Broken(std::string_view what) {
  return absl::UnavailableError(fmt::format("Redis: {}", what));
}

}  // namespace

RedisConnection::RedisConnection(redisContext* context) : context_(context, redisFree) {}
RedisConnection::~RedisConnection() = default;

absl::StatusOr<std::unique_ptr<RedisConnection>> RedisConnection::Connect(const std::string& host,
                                                                          uint16_t port,
                                                                          absl::Duration limit) {
  redisContext* const context = host.starts_with('/') ? redisConnectUnixNonBlock(host.c_str())
                                                      : redisConnectNonBlock(host.c_str(), port);
  if (context == nullptr) return Broken("no memory for a connection");
  std::unique_ptr<RedisConnection> self(new RedisConnection(context));
  if (context->err != 0) return Broken(context->errstr);
  TESSERA_RETURN_IF_ERROR(self->Wait(POLLOUT, absl::Now() + limit));
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(context->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
    return Broken(fmt::format("cannot connect, error {}", error));
  }
  // A connection that is open does not yet mean that Redis is behind it, and serves us.
  bool pong = false;
  TESSERA_RETURN_IF_ERROR(self->Ask({"PING"}, absl::Now() + limit, [&](const redisReply& reply) {
    pong = reply.type == REDIS_REPLY_STATUS;
  }));
  if (!pong) return Broken("it refuses PING; perhaps it wants a password");
  return self;
}

absl::Status RedisConnection::Wait(short events, absl::Time deadline) {
  for (;;) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("Redis is too slow");
    pollfd descriptor{.fd = context_->fd, .events = events, .revents = 0};
    const int ready = poll(&descriptor, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Broken("poll failed");
  }
}

// Not hiredis's own way, which raises SIGPIPE when the server has gone.
absl::Status RedisConnection::Send(std::string_view bytes, absl::Time deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = send(context_->fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      TESSERA_RETURN_IF_ERROR(Wait(POLLOUT, deadline));
    } else if (errno != EINTR) {
      return Broken(fmt::format("cannot send, error {}", errno));
    }
  }
  return absl::OkStatus();
}

template <typename Read>
absl::Status RedisConnection::Ask(const std::vector<std::string_view>& command, absl::Time deadline,
                                  Read read) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string_view part : command) {
    texts.push_back(part.data());
    sizes.push_back(part.size());
  }
  char* formatted = nullptr;
  const int64_t size = redisFormatCommandArgv(&formatted, static_cast<int>(texts.size()),
                                              texts.data(), sizes.data());
  if (size < 0) return Broken("no memory for a command");
  const std::unique_ptr<char, void (*)(void*)> owned(
      formatted, [](void* p) { redisFreeCommand(static_cast<char*>(p)); });
  TESSERA_RETURN_IF_ERROR(Send({formatted, static_cast<size_t>(size)}, deadline));
  for (;;) {
    void* reply = nullptr;
    if (redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK) {
      return Broken(context_->errstr);
    }
    if (reply != nullptr) {
      read(*static_cast<const redisReply*>(reply));
      freeReplyObject(reply);
      return absl::OkStatus();
    }
    if (context_->reader->len > kMaxReplyBytes) return Broken("its reply is too large");
    TESSERA_RETURN_IF_ERROR(Wait(POLLIN, deadline));
    if (redisBufferRead(context_.get()) != REDIS_OK) return Broken(context_->errstr);
  }
}

absl::StatusOr<std::optional<std::string>> RedisConnection::Get(std::string_view key,
                                                                absl::Time deadline) {
  std::optional<std::string> value;
  absl::Status error;
  TESSERA_RETURN_IF_ERROR(Ask({"GET", key}, deadline, [&](const redisReply& reply) {
    if (reply.type == REDIS_REPLY_STRING) {
      value.emplace(reply.str, reply.len);
    } else if (reply.type == REDIS_REPLY_ERROR) {
      error = Broken(std::string_view(reply.str, reply.len));
    }
  }));
  TESSERA_RETURN_IF_ERROR(error);
  return value;
}

absl::Status RedisConnection::Set(std::string_view key, std::string_view value, absl::Duration ttl,
                                  absl::Time deadline) {
  const std::string ttl_ms = std::to_string(std::max<int64_t>(absl::ToInt64Milliseconds(ttl), 1));
  absl::Status error;
  TESSERA_RETURN_IF_ERROR(
      Ask({"SET", key, value, "PX", ttl_ms}, deadline, [&](const redisReply& reply) {
        if (reply.type == REDIS_REPLY_ERROR) error = Broken(std::string_view(reply.str, reply.len));
      }));
  return error;
}

}  // namespace tessera::inference
