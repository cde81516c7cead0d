// SPDX-License-Identifier: Apache-2.0
#include "simulator/schema_sample.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "simulator/json_text.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

namespace dom = simdjson::dom;

class Sampler {
 public:
  Sampler(std::string_view label, std::string_view filler) : label_(label), filler_(filler) {}

  void Write(dom::element schema, int depth) {
    dom::element part;
    dom::array options;
    if (depth > kMaxDepth) {
      sample_.json += "null";
    } else if (schema.at_key("const").get(part) == simdjson::SUCCESS) {
      sample_.json += simdjson::minify(part);
    } else if (schema.at_key("enum").get(options) == simdjson::SUCCESS && options.size() > 0) {
      WriteChoice(options);
    } else if ((schema.at_key("anyOf").get(options) == simdjson::SUCCESS ||
                schema.at_key("oneOf").get(options) == simdjson::SUCCESS) &&
               options.size() > 0) {
      Write(options.at(0).value_unsafe(), depth + 1);
    } else {
      WriteType(schema, TypeOf(schema), depth);
    }
  }

  SchemaSample Take() { return std::move(sample_); }

 private:
  static constexpr int kMaxDepth = 32;

  static std::string_view TypeOf(dom::element schema) {
    dom::element type;
    std::string_view name;
    if (schema.at_key("type").get(type) == simdjson::SUCCESS) {
      dom::array names;
      if (type.get(names) == simdjson::SUCCESS && names.size() > 0) {
        type = names.at(0).value_unsafe();
      }
      if (type.get(name) == simdjson::SUCCESS) {
        return name;
      }
    }
    dom::element unused;
    return schema.at_key("properties").get(unused) == simdjson::SUCCESS ? "object" : "string";
  }

  static std::string TextOf(dom::element value) {
    std::string_view text;
    return value.get(text) == simdjson::SUCCESS ? std::string(text)
                                                : std::string(simdjson::minify(value));
  }

  void WriteChoice(dom::array values) {
    std::vector<std::string> choices;
    dom::element chosen = values.at(0).value_unsafe();
    for (const dom::element value : values) {
      choices.push_back(TextOf(value));
      if (!label_.empty() && choices.back() == label_) {
        chosen = value;
      }
    }
    const std::string text = TextOf(chosen);
    const std::string json = chosen.is_string() ? Quoted(text) : text;
    if (sample_.choices.empty()) {
      const size_t quote = chosen.is_string() ? 1 : 0;
      sample_.choice_begin = sample_.json.size() + quote;
      sample_.choice_length = json.size() - 2 * quote;
      sample_.choices = std::move(choices);
    }
    sample_.json += json;
  }

  void WriteType(dom::element schema, std::string_view type, int depth) {
    if (type == "object") {
      WriteObject(schema, depth);
    } else if (type == "array") {
      WriteArray(schema, depth);
    } else if (type == "integer" || type == "number") {
      dom::element least;
      sample_.json += schema.at_key("minimum").get(least) == simdjson::SUCCESS
                          ? std::string(simdjson::minify(least))
                          : "1";
    } else if (type == "boolean") {
      sample_.json += "true";
    } else if (type == "null") {
      sample_.json += "null";
    } else {
      WriteString(schema);
    }
  }

  void WriteString(dom::element schema) {
    std::string text(filler_);
    uint64_t limit;
    if (schema.at_key("maxLength").get(limit) == simdjson::SUCCESS && text.size() > limit) {
      text = ValidUtf8(text.substr(0, limit));
    }
    if (schema.at_key("minLength").get(limit) == simdjson::SUCCESS && text.size() < limit) {
      text.resize(std::min<uint64_t>(limit, 4096), 'x');
    }
    AppendQuoted(sample_.json, text);
  }

  void WriteObject(dom::element schema, int depth) {
    dom::object properties;
    sample_.json += '{';
    bool first = true;
    if (schema.at_key("properties").get(properties) == simdjson::SUCCESS) {
      for (const auto [key, value] : properties) {
        Append(sample_.json, first ? "" : ",", Quoted(key), ":");
        first = false;
        Write(value, depth + 1);
      }
    }
    sample_.json += '}';
  }

  void WriteArray(dom::element schema, int depth) {
    uint64_t count;
    uint64_t most;
    if (schema.at_key("minItems").get(count) != simdjson::SUCCESS) count = 1;
    if (schema.at_key("maxItems").get(most) != simdjson::SUCCESS) most = 64;
    count = std::min({count, most, uint64_t{64}});
    dom::element items;
    const bool has_items = schema.at_key("items").get(items) == simdjson::SUCCESS;
    sample_.json += '[';
    for (uint64_t i = 0; i < count; ++i) {
      sample_.json += i > 0 ? "," : "";
      if (has_items) {
        Write(items, depth + 1);
      } else {
        AppendQuoted(sample_.json, filler_);
      }
    }
    sample_.json += ']';
  }

  const std::string_view label_;
  const std::string_view filler_;
  SchemaSample sample_;
};

}  // namespace

SchemaSample SampleSchema(std::string_view schema_json, std::string_view label,
                          std::string_view filler) {
  thread_local dom::parser parser;
  Sampler sampler(label, filler);
  dom::element schema;
  if (parser.parse(schema_json.data(), schema_json.size()).get(schema) == simdjson::SUCCESS) {
    sampler.Write(schema, 0);
  }
  return sampler.Take();
}

}  // namespace tessera::simulator
