// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_TERMINAL_INK_H_
#define TESSERA_CLI_TERMINAL_INK_H_

#include <string>
#include <string_view>

namespace tessera::cli {

enum class Ink { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

// Writes in colour, or, where there is none, does not.
class Pen {
 public:
  explicit Pen(bool colored = false) : colored_(colored) {}

  // `text` must be safe for a terminal already (see safe_text.h).
  std::string operator()(Ink ink, std::string_view text) const;
  bool colored() const { return colored_; }

 private:
  bool colored_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TERMINAL_INK_H_
