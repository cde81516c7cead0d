// SPDX-License-Identifier: Apache-2.0
//
// What an answer must be, besides an answer: JSON, JSON of a schema, tools called as they are
// declared.
#ifndef TESSERA_SERVICES_INFERENCE_ANSWER_RULES_H_
#define TESSERA_SERVICES_INFERENCE_ANSWER_RULES_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/inference/engine/model_engine.h"
#include "services/inference/schema/json_schema.h"

namespace tessera::inference {

struct AnswerRules {
  bool json = false;                         // The text is one JSON value,
  std::shared_ptr<const JsonSchema> schema;  // and conforms to this.
  bool repair = false;                       // Ask once more when it does not.
  // The tools that may be called, with the schema of their arguments.
  std::map<std::string, std::shared_ptr<const JsonSchema>, std::less<>> tools;

  // "json" in quotes or the schema, as the engine takes it; empty for free text.
  std::string FormatJson() const;

  // What is wrong with a tool call: names no tool that was offered, or its arguments do not
  // conform. Nothing when it is right.
  std::optional<std::string> FaultOf(const ChatToolCall& call) const;

  // What is wrong with the whole text. An answer that calls tools need not have one.
  std::optional<std::string> FaultOf(std::string_view text, ChatFinish finish) const;
};

// Reads the form and the tools that a request asks for. Errors: SCHEMA_INVALID, FIELD_INVALID,
// PROMPT_IMAGE_MARKER.
absl::StatusOr<AnswerRules> CheckAnswerRules(const v1::GenerateRequest& request);

// The request's tools as the engine takes them; the views point into `request`. `rules` are those
// of the same request.
std::vector<ChatTool> ToolsOf(const v1::GenerateRequest& request, const AnswerRules& rules);

// INTERNAL, reason ANSWER_NOT_CONFORMING.
absl::Status NotConforming(std::string_view fault);

// What a model is told that shall mend its answer.
std::string RepairRequest(std::string_view fault);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_ANSWER_RULES_H_
