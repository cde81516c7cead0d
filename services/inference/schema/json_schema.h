// SPDX-License-Identifier: Apache-2.0
//
// JSON schemas that callers send, and whether a model's answer conforms to one. Neither a schema
// nor an answer, however hostile, costs more than a bounded amount of work and stack.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEMA_JSON_SCHEMA_H_
#define TESSERA_SERVICES_INFERENCE_SCHEMA_JSON_SCHEMA_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera::inference {

struct SchemaProgram;

// A schema, read. Immutable, thread-safe.
//
// Keywords of draft 7, with $defs and prefixItems of later ones; a $ref points into the same
// document (#, #/definitions/x, #/$defs/x ...) and its neighbours count too. Patterns are RE2's: no
// look-around and no back references, and never more than linear work. `format` is a remark.
class JsonSchema {
 public:
  static constexpr size_t kMaxBytes = 64 << 10;

  // INVALID_ARGUMENT, reason SCHEMA_INVALID, naming `field` and the place in the schema: not JSON,
  // more than kMaxBytes, nested more than 64 deep, a keyword of the wrong type, a $ref that leads
  // elsewhere, nowhere or in a circle, or a keyword that newer drafts have and this one has not,
  // for to pass over it would be to accept what it forbids.
  static absl::StatusOr<std::shared_ptr<const JsonSchema>> Parse(std::string_view field,
                                                                 std::string_view text);
  ~JsonSchema();

  // What is wrong with `json`, for the model and for the caller: "/label: is not one of the values
  // that are allowed". Nothing when it conforms.
  std::optional<std::string> FaultOf(std::string_view json) const;

  // The schema without blanks, its keys in their order, which is that in which an engine lets the
  // model write them.
  const std::string& text() const { return text_; }

  // True when nothing but an object can conform to it by its `type`.
  bool IsOfObject() const;

 private:
  JsonSchema(std::string text, std::unique_ptr<const SchemaProgram> program);

  const std::string text_;
  const std::unique_ptr<const SchemaProgram> program_;
};

// What is wrong with `text` as one JSON value; nothing when it is one.
std::optional<std::string> FaultOfJson(std::string_view text);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEMA_JSON_SCHEMA_H_
