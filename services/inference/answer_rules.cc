// SPDX-License-Identifier: Apache-2.0
#include "services/inference/answer_rules.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/field_check.h"

namespace tessera::inference {
namespace {

constexpr int kMaxTools = 64;
constexpr size_t kMaxDescriptionBytes = 8 << 10;
constexpr char kNoArguments[] = R"({"type":"object","properties":{}})";

absl::Status CheckTool(const v1::Tool& tool, const std::string& field, AnswerRules& rules) {
  if (!IsToolName(tool.name())) {
    return InvalidField(field + ".name", "must be 1 to 64 letters, digits, '_', '-' or '.'");
  }
  TESSERA_RETURN_IF_ERROR(
      CheckText(field + ".description", tool.description(), kMaxDescriptionBytes));
  const std::string schema_field = field + ".parameters_schema_json";
  TESSERA_RETURN_IF_ERROR(CheckMarker(schema_field, tool.parameters_schema_json()));
  const bool none = tool.parameters_schema_json().empty();
  TESSERA_ASSIGN_OR_RETURN(
      std::shared_ptr<const JsonSchema> schema,
      JsonSchema::Parse(schema_field,
                        none ? kNoArguments : std::string_view(tool.parameters_schema_json())));
  if (!schema->IsOfObject()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "SCHEMA_INVALID",
                     fmt::format("{} must have \"type\": \"object\"", schema_field),
                     {.metadata = {{"field", schema_field}},
                      .fields = {{schema_field, "must have \"type\": \"object\""}}});
  }
  if (!rules.tools.emplace(tool.name(), std::move(schema)).second) {
    return InvalidField(field + ".name", "names the same tool as one before");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AnswerRules> CheckAnswerRules(const v1::GenerateRequest& request) {
  AnswerRules rules;
  const v1::ResponseFormat& format = request.response_format();
  switch (format.form_case()) {
    case v1::ResponseFormat::kJson:
      if (!format.json())
        return InvalidField("response_format.json", "must be true when it is set");
      rules.json = true;
      break;
    case v1::ResponseFormat::kJsonSchema: {
      rules.json = true;
      TESSERA_ASSIGN_OR_RETURN(
          rules.schema, JsonSchema::Parse("response_format.json_schema", format.json_schema()));
      break;
    }
    case v1::ResponseFormat::FORM_NOT_SET:
      if (format.repair()) {
        return InvalidField("response_format.repair", "needs a form that answers can miss");
      }
      break;
  }
  rules.repair = format.repair();
  if (request.tools_size() > kMaxTools) {
    return InvalidField("tools", fmt::format("holds more than {} tools", kMaxTools));
  }
  for (int i = 0; i < request.tools_size(); ++i) {
    TESSERA_RETURN_IF_ERROR(CheckTool(request.tools(i), fmt::format("tools[{}]", i), rules));
  }
  return rules;
}

std::vector<ChatTool> ToolsOf(const v1::GenerateRequest& request, const AnswerRules& rules) {
  std::vector<ChatTool> tools;
  for (const v1::Tool& tool : request.tools()) {
    tools.push_back({.name = tool.name(),
                     .description = tool.description(),
                     .parameters_json = rules.tools.find(tool.name())->second->text()});
  }
  return tools;
}

std::string AnswerRules::FormatJson() const {
  if (schema != nullptr) return schema->text();
  return json ? R"("json")" : "";
}

std::optional<std::string> AnswerRules::FaultOf(const ChatToolCall& call) const {
  const auto tool = tools.find(call.name);
  if (tool == tools.end())
    return fmt::format("it calls the tool '{}', which was not offered", call.name);
  std::optional<std::string> fault = tool->second->FaultOf(call.arguments_json);
  if (fault)
    fault =
        fmt::format("it calls the tool '{}' with arguments that do not fit: {}", call.name, *fault);
  return fault;
}

std::optional<std::string> AnswerRules::FaultOf(std::string_view text, ChatFinish finish) const {
  if (!json) return std::nullopt;
  std::optional<std::string> fault = schema != nullptr ? schema->FaultOf(text) : FaultOfJson(text);
  if (fault && finish == ChatFinish::kLength) {
    fault = fmt::format("{} (it was cut where max_output_tokens or the context ended)", *fault);
  }
  return fault;
}

absl::Status NotConforming(std::string_view fault) {
  return MakeError(absl::StatusCode::kInternal, "ANSWER_NOT_CONFORMING",
                   fmt::format("the model's answer does not conform: {}", fault),
                   {.metadata = {{"fault", std::string(fault)}}});
}

std::string RepairRequest(std::string_view fault) {
  return fmt::format(
      "Your answer does not have the form that was asked for ({}). Answer again, with the "
      "corrected JSON and nothing else.",
      fault);
}

}  // namespace tessera::inference
