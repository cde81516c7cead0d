// SPDX-License-Identifier: Apache-2.0
#include "cli/tool_list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "cli/terminal/safe_text.h"
#include "common/status/error.h"

namespace tessera::cli {

namespace api = inference::v1;
using nlohmann::json;

absl::StatusOr<std::vector<api::Tool>> ReadToolList(std::string_view text) {
  const auto bad = [](std::string_view what) {
    return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                     fmt::format("--tools: {}", what));
  };
  const json list = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) return bad("the file holds no JSON list");
  std::vector<api::Tool> tools;
  for (const json& entry : list) {
    const json& function =
        entry.is_object() && entry.contains("function") ? entry["function"] : entry;
    if (!function.is_object() || !function.contains("name") || !function["name"].is_string()) {
      return bad("each tool must be an object with a \"name\"");
    }
    api::Tool& tool = tools.emplace_back();
    tool.set_name(function["name"].get<std::string>());
    if (const auto found = function.find("description"); found != function.end()) {
      if (!found->is_string()) return bad("a \"description\" must be a text");
      tool.set_description(found->get<std::string>());
    }
    if (const auto found = function.find("parameters"); found != function.end()) {
      tool.set_parameters_schema_json(found->dump());
    }
  }
  return tools;
}

std::string ToolLine(const api::ToolCall& call) {
  return fmt::format("{} {}\n", SafeWord(call.name()), SafeWord(call.arguments_json()));
}

}  // namespace tessera::cli
