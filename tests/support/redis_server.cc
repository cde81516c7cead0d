// SPDX-License-Identifier: Apache-2.0
#include "tests/support/redis_server.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tessera::testing {
namespace {

bool CanConnect(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

}  // namespace

RedisServer::RedisServer() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tessera-redis-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  socket_ = folder_ + "/redis.sock";
}

RedisServer::~RedisServer() {
  Kill();
  std::filesystem::remove_all(folder_);
}

void RedisServer::Start() {
  ASSERT_EQ(pid_, -1);
  const pid_t parent = getpid();
  pid_ = fork();
  ASSERT_GE(pid_, 0);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket_.c_str(), "--save",
           "", "--appendonly", "no", "--daemonize", "no", "--dir", folder_.c_str(), "--logfile",
           (folder_ + "/log").c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (!CanConnect(socket_) && absl::Now() < until) absl::SleepFor(absl::Milliseconds(2));
  ASSERT_TRUE(CanConnect(socket_)) << "redis-server, a Debian package, did not start";
}

void RedisServer::Kill() {
  if (pid_ == -1) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  std::filesystem::remove(socket_);
}

void RedisServer::Halt() { kill(pid_, SIGSTOP); }
void RedisServer::GoOn() { kill(pid_, SIGCONT); }

}  // namespace tessera::testing
