// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/model_replies.h"

#include <simdjson.h>

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/inference/engine/engine_errors.h"
#include "services/inference/models/ggml_types.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

// The engine shows unlimited keep-alive as a time centuries away.
constexpr absl::Duration kForever = absl::Hours(24 * 365 * 50);

template <typename Value>
std::string TextOrEmpty(Value value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

template <typename Value>
uint64_t NumberOrZero(Value value) {
  uint64_t number = 0;
  return value.get(number) == simdjson::SUCCESS ? number : 0;
}

bool SetTime(const std::string& text, google::protobuf::Timestamp* timestamp) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return false;
  timestamp->set_seconds(absl::ToUnixSeconds(time));
  timestamp->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(timestamp->seconds()))));
  return true;
}

// "num_ctx                        8192\nstop    \"<|im_end|>\"\n" as the engine prints it.
void AddParameters(std::string_view text, api::ShowModelResponse& shown) {
  const std::vector<std::string> lines =
      absl::StrSplit(absl::string_view(text.data(), text.size()), '\n', absl::SkipWhitespace());
  for (const std::string& line : lines) {
    const size_t blank = line.find(' ');
    if (blank == std::string::npos) continue;
    std::string value(absl::StripAsciiWhitespace(absl::string_view(line).substr(blank)));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    api::ModelParameter* const parameter = shown.add_parameters();
    parameter->set_name(line.substr(0, blank));
    parameter->set_value(std::move(value));
  }
}

// The "<family>.<key>" numbers of the metadata.
class FamilyNumbers {
 public:
  FamilyNumbers(const object& info, std::string family) : info_(info), family_(std::move(family)) {}

  // Some files have one number per layer: then the engine shows the list only when asked for, and
  // the largest counts.
  uint32_t operator()(std::string_view key) const {
    const auto value = info_[family_ + "." + std::string(key)];
    uint64_t number = 0;
    if (value.get(number) == simdjson::SUCCESS) return static_cast<uint32_t>(number);
    array numbers;
    if (value.get(numbers) != simdjson::SUCCESS) return 0;
    for (const element entry : numbers) number = std::max(number, NumberOrZero(entry));
    return static_cast<uint32_t>(number);
  }

 private:
  const object& info_;
  const std::string family_;
};

// "v.", "mm." and "a." begin the names of what sees and hears.
bool SeesPictures(std::string_view tensor) {
  return tensor.starts_with("v.") || tensor.starts_with("mm.") || tensor.starts_with("a.");
}

void AddTensors(const element& document, MemoryFacts& facts) {
  array tensors;
  if (document["tensors"].get(tensors) != simdjson::SUCCESS) return;
  uint64_t embedding_bytes = 0;
  bool has_output = false;
  for (const element tensor : tensors) {
    const std::string name = TextOrEmpty(tensor["name"]);
    array shape;
    if (tensor["shape"].get(shape) != simdjson::SUCCESS) continue;
    uint64_t numbers = 1;
    uint64_t last = 0;
    for (const element side : shape) {
      last = NumberOrZero(side);
      numbers *= std::max<uint64_t>(last, 1);
    }
    const uint64_t bytes = TensorBytes(TextOrEmpty(tensor["type"]), numbers);
    if (SeesPictures(name)) {
      facts.vision_in_same_file = true;
      facts.vision_weight_bytes += bytes;
      if (name.ends_with("linear_fc1.weight") && name.starts_with("v.blk.")) {
        facts.vision_feed_forward_length = static_cast<uint32_t>(last);
      }
    } else {
      facts.text_weight_bytes += bytes;
    }
    if (name == "token_embd.weight") {
      facts.vocabulary_size = static_cast<uint32_t>(last);
      embedding_bytes = bytes;
    }
    has_output = has_output || name == "output.weight";
  }
  facts.tied_embedding_bytes = has_output ? 0 : embedding_bytes;
}

MemoryFacts ReadFacts(const element& document, const api::ShowModelResponse& shown,
                      uint64_t size_bytes) {
  MemoryFacts facts;
  object info;
  if (document["model_info"].get(info) == simdjson::SUCCESS) {
    facts.family = TextOrEmpty(info["general.architecture"]);
    const FamilyNumbers number(info, facts.family);
    facts.trained_context_tokens = number("context_length");
    facts.layers = number("block_count");
    facts.embedding_length = number("embedding_length");
    facts.heads = number("attention.head_count");
    facts.kv_heads = number("attention.head_count_kv");
    if (facts.kv_heads == 0) facts.kv_heads = facts.heads;
    facts.key_length = number("attention.key_length");
    facts.value_length = number("attention.value_length");
    const uint32_t usual = facts.heads == 0 ? 0 : facts.embedding_length / facts.heads;
    if (facts.key_length == 0) facts.key_length = usual;
    if (facts.value_length == 0) facts.value_length = facts.key_length;
    facts.vision_heads = number("vision.attention.head_count");
  }
  AddTensors(document, facts);
  // An engine that lists no tensors still says how large the files are.
  if (facts.text_weight_bytes == 0) facts.text_weight_bytes = size_bytes;
  object projector;
  if (!facts.vision_in_same_file && size_bytes > facts.text_weight_bytes &&
      document["projector_info"].get(projector) == simdjson::SUCCESS && projector.size() > 0) {
    facts.vision_weight_bytes = size_bytes - facts.text_weight_bytes;
  }
  for (const api::ModelParameter& parameter : shown.parameters()) {
    if (parameter.name() == "num_ctx") {
      facts.model_context_tokens =
          static_cast<uint32_t>(std::strtoul(parameter.value().c_str(), nullptr, 10));
    }
  }
  return facts;
}

void ShowArchitecture(const MemoryFacts& facts, api::Architecture& architecture) {
  architecture.set_name(facts.family);
  architecture.set_trained_context_tokens(facts.trained_context_tokens);
  architecture.set_layers(facts.layers);
  architecture.set_embedding_length(facts.embedding_length);
  architecture.set_heads(facts.heads);
  architecture.set_kv_heads(facts.kv_heads);
  architecture.set_key_length(facts.key_length);
  architecture.set_value_length(facts.value_length);
  architecture.set_vocabulary_size(facts.vocabulary_size);
  architecture.set_text_weight_bytes(facts.text_weight_bytes);
  architecture.set_vision_weight_bytes(facts.vision_weight_bytes);
}

}  // namespace

absl::StatusOr<ModelDescription> ReadModelDescription(std::string_view show_json,
                                                      uint64_t size_bytes) {
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(show_json.data(), show_json.size()).get(document) != simdjson::SUCCESS ||
      !document.is_object()) {
    return InvalidReply("sent a model description that is not JSON");
  }
  ModelDescription description;
  api::ShowModelResponse& shown = description.shown;
  shown.set_quantization(TextOrEmpty(document["details"]["quantization_level"]));
  shown.set_parameter_size(TextOrEmpty(document["details"]["parameter_size"]));
  shown.set_parameter_count(NumberOrZero(document["model_info"]["general.parameter_count"]));
  array capabilities;
  if (document["capabilities"].get(capabilities) == simdjson::SUCCESS) {
    for (const element entry : capabilities) shown.add_capabilities(TextOrEmpty(entry));
  }
  AddParameters(TextOrEmpty(document["parameters"]), shown);
  shown.set_template_(TextOrEmpty(document["template"]));
  shown.set_system(TextOrEmpty(document["system"]));
  shown.set_modelfile(TextOrEmpty(document["modelfile"]));
  shown.set_license(TextOrEmpty(document["license"]));
  SetTime(TextOrEmpty(document["modified_at"]), shown.mutable_modified_at());
  description.facts = ReadFacts(document, shown, size_bytes);
  ShowArchitecture(description.facts, *shown.mutable_architecture());
  return description;
}

absl::StatusOr<std::vector<api::RunningModel>> ReadRunningModels(std::string_view json) {
  simdjson::dom::parser parser;
  element document;
  if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS) {
    return InvalidReply("sent a list of running models that is not JSON");
  }
  std::vector<api::RunningModel> models;
  array entries;
  // Go writes an empty list as null.
  if (document["models"].get(entries) != simdjson::SUCCESS) return models;
  for (const element entry : entries) {
    api::RunningModel model;
    model.set_name(TextOrEmpty(entry["name"]));
    model.set_digest(TextOrEmpty(entry["digest"]));
    const uint64_t size = NumberOrZero(entry["size"]);
    const uint64_t vram = NumberOrZero(entry["size_vram"]);
    model.set_size_bytes(size);
    model.set_size_vram_bytes(vram);
    model.set_cpu_offload_ratio(
        size <= vram ? 0 : static_cast<double>(size - vram) / static_cast<double>(size));
    model.set_context_tokens(static_cast<uint32_t>(NumberOrZero(entry["context_length"])));
    google::protobuf::Timestamp expires;
    if (SetTime(TextOrEmpty(entry["expires_at"]), &expires) &&
        absl::FromUnixSeconds(expires.seconds()) < absl::Now() + kForever) {
      *model.mutable_expires_at() = expires;
    }
    models.push_back(std::move(model));
  }
  return models;
}

absl::Duration ReadLoadDuration(std::string_view json) {
  simdjson::dom::parser parser;
  uint64_t nanoseconds = 0;
  if (parser.parse(json.data(), json.size())["load_duration"].get(nanoseconds) !=
      simdjson::SUCCESS) {
    return absl::ZeroDuration();
  }
  return absl::Nanoseconds(nanoseconds);
}

}  // namespace tessera::inference
