// SPDX-License-Identifier: Apache-2.0
//
// A program that a test runs: its output, its ports, its end.
#ifndef TESSERA_TESTS_E2E_CHILD_PROCESS_H_
#define TESSERA_TESTS_E2E_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace tessera::testing {

// What a program that ran to its end left behind.
struct Finished {
  int exit_code = -1;  // 128 + signal when a signal ended it.
  std::string output;  // Standard output; standard error goes where the test's goes.
};

// Runs a program to its end; it is killed after `limit`.
Finished RunToEnd(const std::vector<std::string>& command, absl::Duration limit);

// A program that prints a line when it is ready, and may be killed at any moment.
class Victim {
 public:
  // Dies when there is no first line within `limit`.
  explicit Victim(const std::vector<std::string>& command,
                  absl::Duration limit = absl::Seconds(30));
  ~Victim();
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  const std::string& first_line() const { return first_line_; }
  // SIGKILL; returns when it is gone.
  void Kill();

 private:
  pid_t pid_ = -1;
  std::string first_line_;
};

// A service that runs while the object lives. Its log, JSON lines on standard error, is read until
// the line "serving" tells the ports, and goes to a file.
class Service {
 public:
  // Dies when the service does not serve within `limit`.
  Service(const std::vector<std::string>& command, const std::string& log_path,
          absl::Duration limit = absl::Seconds(30));
  // Ends it with SIGTERM if it still runs.
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  int port() const { return port_; }
  int metrics_port() const { return metrics_port_; }
  int pid() const { return pid_; }

  // A field of its /proc/PID/status in MiB: VmRSS, VmHWM.
  double MemoryMib(const std::string& field) const;
  // VmHWM begins anew.
  void ForgetPeak() const;

  // Sends SIGTERM, waits, returns the exit code; -1 when it has to be killed after `limit`.
  int Terminate(absl::Duration limit = absl::Seconds(40));

 private:
  pid_t pid_ = -1;
  int port_ = 0;
  int metrics_port_ = 0;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_E2E_CHILD_PROCESS_H_
