// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_output.h"

namespace tessera::cli {

void AnswerOutput::Write(std::string_view piece) {
  Out(terminal_.out_is_terminal() ? safe_.Escape(piece) : std::string(piece));
}

void AnswerOutput::End() {
  Out(safe_.Finish());
  if (line_open_) Out("\n");
}

void AnswerOutput::Out(std::string_view text) {
  if (text.empty()) return;
  terminal_.Out(text);
  line_open_ = text.back() != '\n';
}

}  // namespace tessera::cli
