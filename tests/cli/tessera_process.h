// SPDX-License-Identifier: Apache-2.0
//
// The binary under test as a process, with everything it says collected.
#ifndef TESSERA_TESTS_CLI_TESSERA_PROCESS_H_
#define TESSERA_TESTS_CLI_TESSERA_PROCESS_H_

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tessera::cli {

// What a thread did before it calls this is seen by every thread after its own next call. A test
// and the handlers of its server take turns by way of another process, which orders them in fact
// but not in the eyes of a thread sanitizer. Starting a process and waiting for it call this.
void TakeTurn();

struct ProcessOptions {
  std::string input;  // Standard input, then its end.
  // Added to a clean environment: PATH, TERM=xterm, and the options of sanitizers.
  std::vector<std::pair<std::string, std::string>> environment;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

struct ProcessResult {
  int exit_code = -1;  // 128 + signal when a signal ended it.
  std::string out;
  std::string err;
};

// Ended by force after a minute.
class TesseraProcess {
 public:
  explicit TesseraProcess(std::vector<std::string> arguments, ProcessOptions options = {});
  ~TesseraProcess();

  void Signal(int signal_number) const;
  // Waits until `text` stands in what it has written; false after half a minute.
  [[nodiscard]] bool WaitForOut(std::string_view text) { return WaitFor(out_, text); }
  [[nodiscard]] bool WaitForErr(std::string_view text) { return WaitFor(err_, text); }
  // Waits for its end. Call once.
  ProcessResult Wait();

 private:
  // Takes what `fd` brings, to its end.
  void Collect(int fd, std::string& text);
  bool WaitFor(const std::string& written, std::string_view text);

  pid_t pid_ = -1;
  std::mutex mutex_;
  std::condition_variable written_;
  std::string out_;
  std::string err_;
  std::vector<std::thread> threads_;
};

// Runs it to its end.
ProcessResult RunTessera(std::vector<std::string> arguments, ProcessOptions options = {});

}  // namespace tessera::cli

#endif  // TESSERA_TESTS_CLI_TESSERA_PROCESS_H_
