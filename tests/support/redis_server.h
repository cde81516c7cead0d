// SPDX-License-Identifier: Apache-2.0
//
// A Redis server of a test's own, on a socket in a folder of its own.
#ifndef TESSERA_TESTS_SUPPORT_REDIS_SERVER_H_
#define TESSERA_TESTS_SUPPORT_REDIS_SERVER_H_

#include <sys/types.h>

#include <string>

namespace tessera::testing {

class RedisServer {
 public:
  // Nothing runs yet.
  RedisServer();
  // Ends what runs.
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // Returns when the server can be connected to; the test fails otherwise.
  void Start();
  // Ends the server as a crash would. It may be started again, and has forgotten everything then.
  void Kill();
  // Halts the server and lets it go on: connections stay, answers do not come.
  void Halt();
  void GoOn();

  const std::string& socket() const { return socket_; }

 private:
  std::string folder_;
  std::string socket_;
  pid_t pid_ = -1;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_REDIS_SERVER_H_
