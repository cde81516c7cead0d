// SPDX-License-Identifier: Apache-2.0
#include "services/inference/schema/json_schema.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/schema/json_nesting.h"
#include "services/inference/schema/schema_check.h"
#include "services/inference/schema/schema_compiler.h"
#include "services/inference/schema/schema_program.h"

namespace tessera::inference {
namespace {

constexpr int kMaxSchemaNesting = 64;

absl::Status Invalid(std::string_view field, const std::string& what) {
  return MakeError(
      absl::StatusCode::kInvalidArgument, "SCHEMA_INVALID",
      fmt::format("{} is not a JSON schema that can be used: {}", field, what),
      {.metadata = {{"field", std::string(field)}}, .fields = {{std::string(field), what}}});
}

}  // namespace

JsonSchema::JsonSchema(std::string text, std::unique_ptr<const SchemaProgram> program)
    : text_(std::move(text)), program_(std::move(program)) {}

JsonSchema::~JsonSchema() = default;

absl::StatusOr<std::shared_ptr<const JsonSchema>> JsonSchema::Parse(std::string_view field,
                                                                    std::string_view text) {
  if (text.size() > kMaxBytes) {
    return Invalid(field,
                   fmt::format("it has {} bytes; at most {} are allowed", text.size(), kMaxBytes));
  }
  if (NestingOf(text) > kMaxSchemaNesting) {
    return Invalid(field, fmt::format("it is nested more than {} deep", kMaxSchemaNesting));
  }
  const OrderedJson document = OrderedJson::parse(text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded()) return Invalid(field, "it is not JSON");
  absl::StatusOr<std::unique_ptr<SchemaProgram>> program = CompileSchema(document);
  if (!program.ok()) return Invalid(field, std::string(program.status().message()));
  return std::shared_ptr<const JsonSchema>(new JsonSchema(document.dump(), *std::move(program)));
}

std::optional<std::string> JsonSchema::FaultOf(std::string_view json) const {
  return CheckAgainst(*program_, json);
}

bool JsonSchema::IsOfObject() const {
  return program_->nodes[static_cast<size_t>(program_->root)].types == kObjectType;
}

std::optional<std::string> FaultOfJson(std::string_view text) {
  if (Json::accept(text)) return std::nullopt;
  return "is not one JSON value";
}

}  // namespace tessera::inference
