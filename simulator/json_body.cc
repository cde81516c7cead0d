// SPDX-License-Identifier: Apache-2.0
#include "simulator/json_body.h"

#include "simulator/json_text.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

namespace dom = simdjson::dom;

// Walks over a broken document and stops where Go's scanner would.
class GoScanner {
 public:
  explicit GoScanner(std::string_view text) : text_(text) {}

  std::string Error() {
    Value(0);
    return error_.empty() ? "unexpected EOF" : error_;
  }

 private:
  static constexpr int kMaxDepth = 10'000;

  bool Fail(std::string_view context) {
    if (at_ < text_.size() && error_.empty()) {
      const char c = text_[at_];
      const std::string shown = c == '\''  ? "'\\''"
                                : c == '"' ? "'\"'"
                                           : Concat("'", std::string_view(&c, 1), "'");
      error_ = Concat("invalid character ", shown, " ", context);
    }
    return false;
  }
  void Blanks() {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
  }
  bool Literal(std::string_view word) {
    for (const char expected : word) {
      if (at_ >= text_.size()) return false;
      if (text_[at_] != expected) {
        return Fail(
            Concat("in literal ", word, " (expecting '", std::string_view(&expected, 1), "')"));
      }
      ++at_;
    }
    return true;
  }
  bool String() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        ++at_;
        return true;
      }
      if (text_[at_] == '\\') {
        ++at_;
      } else if (static_cast<unsigned char>(text_[at_]) < 0x20) {
        return Fail("in string literal");
      }
    }
    return false;
  }
  bool Value(int depth) {
    Blanks();
    if (at_ >= text_.size() || depth > kMaxDepth) return false;
    const char c = text_[at_];
    if (c == '{') return Object(depth);
    if (c == '[') return Array(depth);
    if (c == '"') return String();
    if (c == 't') return Literal("true");
    if (c == 'f') return Literal("false");
    if (c == 'n') return Literal("null");
    if (c != '-' && !IsDigit(c)) {
      return Fail("looking for beginning of value");
    }
    at_ = std::min(text_.find_first_not_of("+-.eE0123456789", at_), text_.size());
    return true;
  }
  bool Object(int depth) {
    ++at_;
    Blanks();
    if (Is('}')) return true;
    for (;;) {
      Blanks();
      if (at_ >= text_.size()) return false;
      if (text_[at_] != '"') return Fail("looking for beginning of object key string");
      if (!String()) return false;
      Blanks();
      if (!Is(':')) return Fail("after object key");
      if (!Value(depth + 1)) return false;
      Blanks();
      if (Is('}')) return true;
      if (!Is(',')) return Fail("after object key:value pair");
    }
  }
  bool Array(int depth) {
    ++at_;
    Blanks();
    if (Is(']')) return true;
    for (;;) {
      if (!Value(depth + 1)) return false;
      Blanks();
      if (Is(']')) return true;
      if (!Is(',')) return Fail("after array element");
    }
  }
  bool Is(char c) {
    const bool is = at_ < text_.size() && text_[at_] == c;
    at_ += is;
    return is;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string error_;
};

}  // namespace

std::string GoSyntaxError(std::string_view text) { return GoScanner(text).Error(); }

bool ParseJsonBody(std::string& body, dom::object* object, std::string* error) {
  thread_local dom::parser parser;
  if (body.find_first_not_of(" \t\r\n") == std::string::npos) {
    *error = "missing request body";
    return false;
  }
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  dom::element root;
  auto result = parser.parse(body.data(), body.size(), /*realloc_if_needed=*/false).get(root);
  if (result == simdjson::UTF8_ERROR) {
    // Go takes any bytes inside a string.
    body = ValidUtf8(body);
    body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    result = parser.parse(body.data(), body.size(), /*realloc_if_needed=*/false).get(root);
  }
  if (result != simdjson::SUCCESS) {
    *error = GoSyntaxError(body);
    return false;
  }
  if (root.get(*object) != simdjson::SUCCESS) {
    *error =
        Concat("json: cannot unmarshal ", GoTypeName(root), " into Go value of type api.Request");
    return false;
  }
  return true;
}

void GoStruct::Read(std::string_view key, std::string* value) {
  dom::element element;
  if (!Get(key, &element)) return;
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) {
    *value = std::string(text);
  } else {
    WrongType(key, element, "string");
  }
}

void GoStruct::Read(std::string_view key, bool* value) {
  dom::element element;
  if (Get(key, &element) && element.get(*value) != simdjson::SUCCESS) {
    WrongType(key, element, "bool");
  }
}

void GoStruct::Read(std::string_view key, std::optional<bool>* value) {
  dom::element element;
  if (!Get(key, &element)) return;
  bool read;
  if (element.get(read) == simdjson::SUCCESS) {
    *value = read;
  } else {
    WrongType(key, element, "bool");
  }
}

void GoStruct::Read(std::string_view key, int* value) {
  dom::element element;
  if (!Get(key, &element)) return;
  int64_t number;
  if (element.get(number) == simdjson::SUCCESS) {
    *value = static_cast<int>(number);
  } else {
    WrongType(key, element, "int");
  }
}

bool GoStruct::Get(std::string_view key, dom::element* value) const {
  return object_.at_key(key).get(*value) == simdjson::SUCCESS && !value->is_null();
}

bool GoStruct::Get(std::string_view key, dom::array* value) {
  dom::element element;
  if (!Get(key, &element)) return false;
  if (element.get(*value) == simdjson::SUCCESS) return true;
  WrongType(key, element, "slice");
  return false;
}

void GoStruct::WrongType(std::string_view key, dom::element value, std::string_view go_type) {
  if (error_->empty()) {
    *error_ = Concat("json: cannot unmarshal ", GoTypeName(value), " into Go struct field ", name_,
                     ".", key, " of type ", go_type);
  }
}

std::string_view GoTypeName(dom::element value) {
  switch (value.type()) {
    case dom::element_type::STRING:
      return "string";
    case dom::element_type::BOOL:
      return "bool";
    case dom::element_type::ARRAY:
      return "array";
    case dom::element_type::OBJECT:
      return "object";
    default:
      return "number";
  }
}

}  // namespace tessera::simulator
