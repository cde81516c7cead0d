// SPDX-License-Identifier: Apache-2.0
#include "cli/text_argument.h"

#include <fmt/format.h>

#include "absl/strings/ascii.h"
#include "cli/local_file.h"
#include "cli/terminal/utf8.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::cli {
namespace {
constexpr size_t kMaxPromptBytes = size_t{4} << 20;
}

absl::Status CheckUtf8(std::string_view argument, std::string_view text) {
  if (IsValidUtf8(text)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                   fmt::format("{} is not valid UTF-8", argument));
}

absl::StatusOr<std::string> ReadPrompt(const std::string& given) {
  std::string prompt = given;
  if (given == "-") {
    TESSERA_ASSIGN_OR_RETURN(prompt, ReadFile("-", kMaxPromptBytes));
  }
  TESSERA_RETURN_IF_ERROR(CheckUtf8("the prompt", prompt));
  return prompt;
}

std::vector<std::string> SplitLabels(std::string_view text) {
  std::vector<std::string> labels;
  if (text.empty()) return labels;
  while (true) {
    const size_t comma = text.find(',');
    labels.emplace_back(text.substr(0, comma));
    absl::StripAsciiWhitespace(&labels.back());
    if (comma == std::string_view::npos) return labels;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace tessera::cli
