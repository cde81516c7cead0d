// SPDX-License-Identifier: Apache-2.0
//
// Reads request bodies with Go's eyes: what is missing, broken or of the wrong type is reported in
// the words of Go's JSON decoder, as Ollama passes them on.
#ifndef TESSERA_SIMULATOR_JSON_BODY_H_
#define TESSERA_SIMULATOR_JSON_BODY_H_

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

namespace tessera::simulator {

// Parses `body` as one JSON object. The element holds until the same thread parses again. On
// failure returns false and sets `error`: "missing request body", "unexpected EOF", ...
bool ParseJsonBody(std::string& body, simdjson::dom::object* object, std::string* error);

// Why Go's decoder refuses `text`, which is known to be no JSON.
std::string GoSyntaxError(std::string_view text);

// Fields of one Go struct. The first field of a wrong type is kept in error(); later reads go on.
class GoStruct {
 public:
  // `name` as in errors: "ChatRequest", or "ChatRequest.messages" for what is nested.
  GoStruct(simdjson::dom::object object, std::string_view name, std::string* error)
      : object_(object), name_(name), error_(error) {}

  // Absent and null leave the value alone, as in Go.
  void Read(std::string_view key, std::string* value);
  void Read(std::string_view key, bool* value);
  void Read(std::string_view key, std::optional<bool>* value);
  void Read(std::string_view key, int* value);
  // The element itself; false when it is absent or null.
  bool Get(std::string_view key, simdjson::dom::element* value) const;
  // An array or object of any content; false when absent, null or of another type.
  bool Get(std::string_view key, simdjson::dom::array* value);

  void WrongType(std::string_view key, simdjson::dom::element value, std::string_view go_type);

 private:
  simdjson::dom::object object_;
  std::string name_;
  std::string* error_;
};

// "string", "number", "bool", "array" or "object", as Go's errors say it.
std::string_view GoTypeName(simdjson::dom::element value);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_JSON_BODY_H_
