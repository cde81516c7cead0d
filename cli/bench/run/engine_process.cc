// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/engine_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "absl/time/clock.h"
#include "cli/bench/ask/ollama_asker.h"
#include "common/status/error.h"

extern char** environ;

namespace tessera::bench {
namespace {

constexpr absl::Duration kLongestStart = absl::Minutes(1);
constexpr absl::Duration kLongestEnd = absl::Seconds(10);
constexpr auto kPoll = std::chrono::milliseconds(50);

// Free at this moment; the engine fails to start where somebody is faster.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  int port = 0;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    port = ntohs(address.sin_port);
  }
  close(fd);
  return port;
}

std::vector<std::string> Environment(const EngineSetup& setup, int port) {
  std::vector<std::string> all;
  for (const auto& [name, value] : setup.environment) all.push_back(name + "=" + value);
  all.push_back(fmt::format("OLLAMA_HOST=127.0.0.1:{}", port));
  if (!setup.models.empty()) all.push_back("OLLAMA_MODELS=" + setup.models);
  // The first of two settings of one name is the one that is read.
  for (char** one = environ; *one != nullptr; ++one) all.emplace_back(*one);
  return all;
}

bool HasEnded(pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; }

absl::Status NotStarted(const EngineSetup& setup, std::string_view why) {
  return MakeError(absl::StatusCode::kUnavailable, "ENGINE_NOT_STARTED",
                   fmt::format("{} could not be started: {}", setup.binary, why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<EngineProcess>> EngineProcess::Start(const EngineSetup& setup) {
  const int port = FreePort();
  const std::vector<std::string> texts = Environment(setup, port);
  std::vector<char*> environment;
  for (const std::string& text : texts) environment.push_back(const_cast<char*>(text.c_str()));
  environment.push_back(nullptr);
  std::string binary = setup.binary, serve = "serve";
  char* const arguments[] = {binary.data(), serve.data(), nullptr};
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int fd : {0, 1, 2}) {
    posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  }
  // A group of its own, so that its runners can be ended with it; and no signal of ours blocked.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  pid_t pid = 0;
  const int failure =
      posix_spawnp(&pid, setup.binary.c_str(), &files, &attributes, arguments, environment.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (failure != 0) return NotStarted(setup, strerror(failure));
  auto engine = std::unique_ptr<EngineProcess>(
      new EngineProcess(pid, fmt::format("http://127.0.0.1:{}", port)));
  const absl::Time last = absl::Now() + kLongestStart;
  while (!Fetch(engine->url() + "/api/version", absl::Seconds(2)).ok()) {
    if (HasEnded(pid)) return NotStarted(setup, "it ended at once");
    if (absl::Now() > last) return NotStarted(setup, "it does not answer");
    std::this_thread::sleep_for(kPoll);
  }
  return engine;
}

EngineProcess::~EngineProcess() {
  kill(-pid_, SIGTERM);
  const absl::Time last = absl::Now() + kLongestEnd;
  while (absl::Now() < last) {
    if (HasEnded(pid_)) {
      kill(-pid_, SIGKILL);  // Runners that outlived it.
      return;
    }
    std::this_thread::sleep_for(kPoll);
  }
  kill(-pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

}  // namespace tessera::bench
