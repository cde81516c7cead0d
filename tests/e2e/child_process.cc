// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/time/clock.h"

namespace tessera::testing {
namespace {

[[noreturn]] void Die(const std::string& message) {
  std::cerr << message << std::endl;
  std::abort();
}

// Starts a program with standard output and standard error on the given descriptors.
pid_t Spawn(const std::vector<std::string>& command, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (out >= 0) dup2(out, STDOUT_FILENO);
  if (err >= 0) dup2(err, STDERR_FILENO);
  execv(argv[0], argv.data());
  _exit(127);
}

// Waits for the end; -1 when `limit` passed and it had to be killed.
int Await(pid_t pid, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (absl::Now() > deadline) {
      kill(pid, SIGKILL);
      waitpid(pid, &status, 0);
      return -1;
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Finished RunToEnd(const std::vector<std::string>& command, absl::Duration limit) {
  char name[] = "/tmp/tessera-e2e-XXXXXX";
  const int out = mkstemp(name);
  const pid_t pid = Spawn(command, out, -1);
  Finished finished;
  finished.exit_code = Await(pid, limit);
  close(out);
  std::ifstream file(name);
  std::stringstream text;
  text << file.rdbuf();
  finished.output = text.str();
  unlink(name);
  return finished;
}

Victim::Victim(const std::vector<std::string>& command, absl::Duration limit) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Die("no pipe");
  pid_ = Spawn(command, ends[1], -1);
  close(ends[1]);
  const absl::Time deadline = absl::Now() + limit;
  pollfd readable{.fd = ends[0], .events = POLLIN, .revents = 0};
  for (char byte = 0; byte != '\n';) {
    const auto left = absl::ToInt64Milliseconds(deadline - absl::Now());
    if (left <= 0 || poll(&readable, 1, static_cast<int>(left)) != 1 ||
        read(ends[0], &byte, 1) != 1) {
      kill(pid_, SIGKILL);
      Die(command[0] + " does not say that it is ready");
    }
    if (byte != '\n') first_line_ += byte;
  }
  close(ends[0]);
}

Victim::~Victim() { Kill(); }

void Victim::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

Service::Service(const std::vector<std::string>& command, const std::string& log_path,
                 absl::Duration limit) {
  const int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (log < 0) Die("cannot write " + log_path);
  pid_ = Spawn(command, log, log);
  close(log);
  const absl::Time deadline = absl::Now() + limit;
  while (absl::Now() < deadline) {
    std::ifstream file(log_path);
    for (std::string line; std::getline(file, line);) {
      const auto entry = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
      if (!entry.is_object() || entry.value("message", "") != "serving") continue;
      port_ = entry.value("port", 0);
      metrics_port_ = entry.value("metrics_port", 0);
      return;
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  kill(pid_, SIGKILL);
  Die(command[0] + " does not serve; see " + log_path);
}

Service::~Service() {
  if (pid_ > 0) Terminate();
}

double Service::MemoryMib(const std::string& field) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  return 0;
}

void Service::ForgetPeak() const {
  std::ofstream("/proc/" + std::to_string(pid_) + "/clear_refs") << "5";
}

int Service::Terminate(absl::Duration limit) {
  kill(pid_, SIGTERM);
  const int code = Await(pid_, limit);
  pid_ = -1;
  return code;
}

}  // namespace tessera::testing
