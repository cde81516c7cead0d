// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/tessera_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tessera::cli {
namespace {

constexpr absl::Duration kLongestRun = absl::Minutes(1);

struct Ends {
  int ours = -1;
  int theirs = -1;
};

Ends MakePipe(bool we_write) {
  int fds[2] = {};
  if (pipe2(fds, O_CLOEXEC) != 0) ADD_FAILURE() << "pipe2";
  return we_write ? Ends{.ours = fds[1], .theirs = fds[0]} : Ends{.ours = fds[0], .theirs = fds[1]};
}

Ends MakeTerminal() {
  Ends ends;
  termios modes{};
  cfmakeraw(&modes);  // What is written arrives as it was written.
  if (openpty(&ends.ours, &ends.theirs, nullptr, &modes, nullptr) != 0) ADD_FAILURE() << "openpty";
  fcntl(ends.ours, F_SETFD, FD_CLOEXEC);
  fcntl(ends.theirs, F_SETFD, FD_CLOEXEC);
  return ends;
}

void Feed(int fd, const std::string& input) {
  size_t sent = 0;
  while (sent < input.size()) {
    const ssize_t written = write(fd, input.data() + sent, input.size() - sent);
    if (written <= 0) break;
    sent += static_cast<size_t>(written);
  }
  close(fd);
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

void TakeTurn() {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
}

TesseraProcess::TesseraProcess(std::vector<std::string> arguments, ProcessOptions options) {
  TakeTurn();
  signal(SIGPIPE, SIG_IGN);
  const Ends in = MakePipe(/*we_write=*/true);
  const Ends out = options.out_is_terminal ? MakeTerminal() : MakePipe(false);
  const Ends err = options.err_is_terminal ? MakeTerminal() : MakePipe(false);

  arguments.insert(arguments.begin(), TESSERA_BINARY);
  std::vector<std::string> environment;
  for (const auto& [name, value] : options.environment) environment.push_back(name + "=" + value);
  // Last: of two values the first counts.
  environment.insert(environment.end(), {"PATH=/usr/bin:/bin", "TERM=xterm"});
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name))
      environment.push_back(fmt::format("{}={}", name, value));
  }

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.theirs, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.theirs, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.theirs, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A test started in the background ignores Ctrl-C; the binary must not inherit that.
  sigset_t defaults;
  sigemptyset(&defaults);
  for (const int signal_number : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&defaults, signal_number);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawn(&pid_, TESSERA_BINARY, &actions, &attributes,
                                Pointers(arguments).data(), Pointers(environment).data());
  EXPECT_EQ(error, 0);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  for (const int fd : {in.theirs, out.theirs, err.theirs}) close(fd);

  threads_.emplace_back([fd = out.ours, this] { Collect(fd, out_); });
  threads_.emplace_back([fd = err.ours, this] { Collect(fd, err_); });
  threads_.emplace_back([fd = in.ours, input = std::move(options.input)] { Feed(fd, input); });
}

void TesseraProcess::Collect(int fd, std::string& text) {
  char buffer[4096];
  const absl::Time deadline = absl::Now() + kLongestRun;
  while (true) {
    pollfd watched{.fd = fd, .events = POLLIN, .revents = 0};
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration() ||
        poll(&watched, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1) == 0) {
      ADD_FAILURE() << "the process does not end; so far: " << text;
      break;
    }
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;  // A terminal ends with EIO.
    {
      std::lock_guard lock(mutex_);
      text.append(buffer, static_cast<size_t>(got));
    }
    written_.notify_all();
  }
  close(fd);
}

bool TesseraProcess::WaitFor(const std::string& written, std::string_view text) {
  std::unique_lock lock(mutex_);
  return written_.wait_for(lock, std::chrono::seconds(30),
                           [&] { return written.find(text) != std::string::npos; });
}

TesseraProcess::~TesseraProcess() {
  if (pid_ > 0) Wait();
}

void TesseraProcess::Signal(int signal_number) const { kill(pid_, signal_number); }

ProcessResult TesseraProcess::Wait() {
  threads_[0].join();
  threads_[1].join();
  if (::testing::Test::HasFailure()) kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  threads_[2].join();
  threads_.clear();
  pid_ = -1;
  TakeTurn();
  return {.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          .out = std::move(out_),
          .err = std::move(err_)};
}

ProcessResult RunTessera(std::vector<std::string> arguments, ProcessOptions options) {
  return TesseraProcess(std::move(arguments), std::move(options)).Wait();
}

}  // namespace tessera::cli
