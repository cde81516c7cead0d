// SPDX-License-Identifier: Apache-2.0
//
// The line on a terminal that says what is being waited for, and for how long.
#ifndef TESSERA_CLI_TERMINAL_PROGRESS_LINE_H_
#define TESSERA_CLI_TERMINAL_PROGRESS_LINE_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

namespace tessera::cli {

// Thread-safe. Draws on standard error, ten times a second, from a thread of its own; does nothing
// at all unless `enabled`.
class ProgressLine {
 public:
  explicit ProgressLine(bool enabled);
  // Clears the line.
  ~ProgressLine();

  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool enabled() const { return enabled_; }

  // Shows `what` ("waiting for the first token"); the clock runs from the first Show after a Hide.
  void Show(std::string_view what);
  void Hide();

  // Runs `write` while the line is out of the way. It comes back with its next tick.
  void Aside(absl::FunctionRef<void()> write);

 private:
  void Run();
  void Draw();
  void Clear();

  const bool enabled_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_;  // Empty: hidden.
  absl::Time since_;
  int tick_ = 0;
  bool drawn_ = false;
  bool stopping_ = false;
  std::thread thread_;  // Started by the first Show.
};

// One picture of the line: at most `columns` wide, cut with an ellipsis. For tests.
std::string ProgressText(std::string_view what, absl::Duration elapsed, int tick, int columns);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TERMINAL_PROGRESS_LINE_H_
