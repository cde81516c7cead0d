// SPDX-License-Identifier: Apache-2.0
//
// Tools as a file offers them, and as a model calls them.
#ifndef TESSERA_CLI_TOOL_LIST_H_
#define TESSERA_CLI_TOOL_LIST_H_

#include <tessera/inference/v1/conversation.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::cli {

// Reads a JSON list of {"name", "description", "parameters": a JSON schema}; also in the form that
// other tools write, {"type": "function", "function": {...}}. ARGUMENT_INVALID.
absl::StatusOr<std::vector<inference::v1::Tool>> ReadToolList(std::string_view text);

// "name arguments", a line that is safe for a terminal.
std::string ToolLine(const inference::v1::ToolCall& call);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_TOOL_LIST_H_
