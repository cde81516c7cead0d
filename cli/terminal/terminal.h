// SPDX-License-Identifier: Apache-2.0
//
// Standard output and standard error: results go to the one, everything else to the other.
#ifndef TESSERA_CLI_TERMINAL_TERMINAL_H_
#define TESSERA_CLI_TERMINAL_TERMINAL_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "cli/terminal/ink.h"
#include "cli/terminal/progress_line.h"

namespace tessera::cli {

// Colours appear where the stream is a terminal, unless --no-color is given, NO_COLOR is set, or
// TERM is "dumb"; the progress line where standard error is a terminal. In a pipe there is never
// a control character of ours. Thread-safe.
class Terminal {
 public:
  explicit Terminal(bool no_color);

  // Result: to standard output, flushed at once. A failure is kept for output_status().
  void Out(std::string_view text);
  // Remarks and errors: to standard error.
  void Err(std::string_view text);

  bool out_is_terminal() const { return out_is_terminal_; }
  const Pen& out_pen() const { return out_pen_; }
  const Pen& err_pen() const { return err_pen_; }
  ProgressLine& progress() { return progress_; }

  // FILE_UNWRITABLE after standard output refused something (disk full, closed pipe).
  absl::Status output_status() const;

 private:
  const bool out_is_terminal_;
  const bool err_is_terminal_;
  const Pen out_pen_;
  const Pen err_pen_;
  ProgressLine progress_;
  int write_errno_ = 0;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TERMINAL_TERMINAL_H_
