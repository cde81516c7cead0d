// SPDX-License-Identifier: Apache-2.0
//
// What a model, a server or a file name says, made harmless for a terminal.
//
// A terminal obeys control characters: it can be made to change its title, hide text, answer as if
// somebody had typed, or show a line in another order than it was written. Everything that does so
// is shown as an escape instead: C0 and C1 controls, DEL, bytes that are not UTF-8, and the
// Unicode characters that reorder text.
#ifndef TESSERA_CLI_TERMINAL_SAFE_TEXT_H_
#define TESSERA_CLI_TERMINAL_SAFE_TEXT_H_

#include <string>
#include <string_view>

namespace tessera::cli {

// Escapes a text that comes in pieces, cut anywhere. New lines and tabs pass; CR LF becomes LF.
// Not thread-safe.
class SafeText {
 public:
  // The next piece, escaped. The end of it may be held back until more is known.
  std::string Escape(std::string_view piece);
  // What was held back. Call once, at the end.
  std::string Finish();

 private:
  std::string held_;
};

// A whole text, as SafeText does it.
std::string SafeParagraph(std::string_view text);

// A text that must stay on one line and in one column: new lines and tabs are escaped as well.
std::string SafeWord(std::string_view text);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TERMINAL_SAFE_TEXT_H_
