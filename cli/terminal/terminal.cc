// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "common/status/error.h"

namespace tessera::cli {
namespace {

bool IsSet(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && value[0] != '\0';
}

bool UnderstandsControls() {
  const char* const term = std::getenv("TERM");
  return term != nullptr && term[0] != '\0' && std::strcmp(term, "dumb") != 0;
}

}  // namespace

Terminal::Terminal(bool no_color)
    : out_is_terminal_(isatty(STDOUT_FILENO) == 1),
      err_is_terminal_(isatty(STDERR_FILENO) == 1),
      out_pen_(out_is_terminal_ && !no_color && !IsSet("NO_COLOR") && UnderstandsControls()),
      err_pen_(err_is_terminal_ && !no_color && !IsSet("NO_COLOR") && UnderstandsControls()),
      progress_(err_is_terminal_ && UnderstandsControls()) {}

void Terminal::Out(std::string_view text) {
  progress_.Aside([&] {
    const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
    if ((!written || std::fflush(stdout) != 0) && write_errno_ == 0) write_errno_ = errno;
  });
}

void Terminal::Err(std::string_view text) {
  progress_.Aside([&] {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  });
}

absl::Status Terminal::output_status() const {
  if (write_errno_ == 0) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kDataLoss, "FILE_UNWRITABLE",
      fmt::format("standard output cannot be written: {}", std::strerror(write_errno_)));
}

}  // namespace tessera::cli
