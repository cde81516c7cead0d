// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_ANSWER_OUTPUT_H_
#define TESSERA_CLI_ANSWER_OUTPUT_H_

#include <string_view>

#include "cli/terminal/safe_text.h"
#include "cli/terminal/terminal.h"

namespace tessera::cli {

// A model's text on standard output: made safe on a terminal, byte for byte in a pipe, always with
// a new line at the end.
class AnswerOutput {
 public:
  // `terminal` must outlive this.
  explicit AnswerOutput(Terminal& terminal) : terminal_(terminal) {}

  // The next piece; shown at once.
  void Write(std::string_view piece);
  // Ends the answer, or what there is of it. Call once.
  void End();

 private:
  void Out(std::string_view text);

  Terminal& terminal_;
  SafeText safe_;
  bool line_open_ = false;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_ANSWER_OUTPUT_H_
