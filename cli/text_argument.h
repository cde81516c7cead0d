// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_TEXT_ARGUMENT_H_
#define TESSERA_CLI_TEXT_ARGUMENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::cli {

// ARGUMENT_INVALID, naming `argument`, unless `text` is UTF-8: nothing else can be sent.
absl::Status CheckUtf8(std::string_view argument, std::string_view text);

// A prompt as given, or all of standard input for "-", at most 4 MiB.
absl::StatusOr<std::string> ReadPrompt(const std::string& given);

// "a, b,c" to {"a", "b", "c"}: parted at commas, blanks around each taken away. An empty text has
// no labels.
std::vector<std::string> SplitLabels(std::string_view text);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TEXT_ARGUMENT_H_
