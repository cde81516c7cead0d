// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/engine_replies.h"

#include <simdjson.h>

#include <utility>

#include "services/inference/engine/engine_errors.h"

namespace tessera::inference {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

std::string TextOrEmpty(simdjson::simdjson_result<element> value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

uint64_t NumberOrZero(simdjson::simdjson_result<element> value) {
  uint64_t number = 0;
  return value.get(number) == simdjson::SUCCESS ? number : 0;
}

std::vector<std::string> Texts(simdjson::simdjson_result<element> value) {
  std::vector<std::string> texts;
  array entries;
  if (value.get(entries) != simdjson::SUCCESS) return texts;
  for (const element entry : entries) {
    std::string_view text;
    if (entry.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

// Calls `read` for each object of the reply's "models".
template <typename Read>
absl::Status ForEachModel(std::string_view json, Read read) {
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS) {
    return InvalidReply("sent a model list that is not JSON");
  }
  const auto models = document["models"];
  array entries;
  // Go writes an empty list as null.
  if (models.error() == simdjson::SUCCESS && models.is_null()) return absl::OkStatus();
  if (models.get(entries) != simdjson::SUCCESS) {
    return InvalidReply("sent a model list without 'models'");
  }
  for (const element entry : entries) read(entry);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadVersion(std::string_view json) {
  simdjson::dom::parser parser;
  std::string_view version;
  if (parser.parse(json.data(), json.size())["version"].get(version) != simdjson::SUCCESS) {
    return InvalidReply("sent a version that cannot be read");
  }
  return std::string(version);
}

absl::StatusOr<std::vector<ModelFacts>> ReadTags(std::string_view json) {
  std::vector<ModelFacts> models;
  const absl::Status status = ForEachModel(json, [&](const element& entry) {
    ModelFacts facts{.name = TextOrEmpty(entry["name"]),
                     .digest = TextOrEmpty(entry["digest"]),
                     .family = TextOrEmpty(entry["details"]["family"]),
                     .capabilities = Texts(entry["capabilities"]),
                     .size_bytes = NumberOrZero(entry["size"])};
    facts.capabilities_known = !facts.capabilities.empty();
    if (!facts.name.empty()) models.push_back(std::move(facts));
  });
  if (!status.ok()) return status;
  return models;
}

absl::StatusOr<std::vector<LoadedModel>> ReadLoaded(std::string_view json) {
  std::vector<LoadedModel> loaded;
  const absl::Status status = ForEachModel(json, [&](const element& entry) {
    LoadedModel model{
        .name = TextOrEmpty(entry["name"]),
        .size_bytes = NumberOrZero(entry["size"]),
        .size_vram_bytes = NumberOrZero(entry["size_vram"]),
        .context_tokens = static_cast<uint32_t>(NumberOrZero(entry["context_length"]))};
    if (!model.name.empty()) loaded.push_back(std::move(model));
  });
  if (!status.ok()) return status;
  return loaded;
}

absl::StatusOr<std::vector<std::string>> ReadCapabilities(std::string_view show_json) {
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(show_json.data(), show_json.size()).get(document) != simdjson::SUCCESS) {
    return InvalidReply("sent a model description that is not JSON");
  }
  return Texts(document["capabilities"]);
}

}  // namespace tessera::inference
