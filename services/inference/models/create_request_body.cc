// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/create_request_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "absl/strings/ascii.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/models/model_name.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;

enum class ParameterType { kInteger, kNumber, kSwitch, kTexts };

struct Parameter {
  std::string_view name;
  ParameterType type;
};

// Those of the engine's Modelfiles.
constexpr std::array kParameters = std::to_array<Parameter>({
    {"num_ctx", ParameterType::kInteger},
    {"num_predict", ParameterType::kInteger},
    {"num_keep", ParameterType::kInteger},
    {"num_batch", ParameterType::kInteger},
    {"num_gpu", ParameterType::kInteger},
    {"main_gpu", ParameterType::kInteger},
    {"num_thread", ParameterType::kInteger},
    {"seed", ParameterType::kInteger},
    {"top_k", ParameterType::kInteger},
    {"repeat_last_n", ParameterType::kInteger},
    {"draft_num_predict", ParameterType::kInteger},
    {"temperature", ParameterType::kNumber},
    {"top_p", ParameterType::kNumber},
    {"min_p", ParameterType::kNumber},
    {"typical_p", ParameterType::kNumber},
    {"repeat_penalty", ParameterType::kNumber},
    {"presence_penalty", ParameterType::kNumber},
    {"frequency_penalty", ParameterType::kNumber},
    {"use_mmap", ParameterType::kSwitch},
    {"stop", ParameterType::kTexts},
});

template <typename Number>
std::optional<Number> Parse(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

absl::Status WrongValue(const api::ModelParameter& parameter, std::string_view wanted) {
  return InvalidField("parameters", fmt::format("{} must be {}, not \"{}\"", parameter.name(),
                                                wanted, parameter.value()));
}

absl::Status AddParameter(const api::ModelParameter& parameter, nlohmann::json& parameters) {
  const auto known =
      std::find_if(kParameters.begin(), kParameters.end(),
                   [&](const Parameter& one) { return one.name == parameter.name(); });
  if (known == kParameters.end()) {
    return InvalidField("parameters",
                        fmt::format("\"{}\" is no parameter of a model", parameter.name()));
  }
  nlohmann::json& value = parameters[parameter.name()];
  switch (known->type) {
    case ParameterType::kInteger: {
      const auto number = Parse<int64_t>(parameter.value());
      if (!number) return WrongValue(parameter, "a whole number");
      value = *number;
      break;
    }
    case ParameterType::kNumber: {
      const auto number = Parse<double>(parameter.value());
      if (!number || !(*number > -1e9 && *number < 1e9)) return WrongValue(parameter, "a number");
      value = *number;
      break;
    }
    case ParameterType::kSwitch:
      if (parameter.value() != "true" && parameter.value() != "false") {
        return WrongValue(parameter, "true or false");
      }
      value = parameter.value() == "true";
      break;
    case ParameterType::kTexts:
      value.push_back(parameter.value());
      break;
  }
  return absl::OkStatus();
}

absl::StatusOr<nlohmann::json> Files(
    std::string_view field, const google::protobuf::RepeatedPtrField<api::ModelFile>& files) {
  nlohmann::json document = nlohmann::json::object();
  for (const api::ModelFile& file : files) {
    const std::string& name = file.name();
    if (name.empty() || name.size() > 255 || name.front() == '/' ||
        name.find("..") != std::string::npos || name.find('\\') != std::string::npos) {
      return InvalidField(field, "names must be relative, without \"..\"");
    }
    TESSERA_RETURN_IF_ERROR(CheckDigest(field, file.digest()));
    if (document.contains(name)) {
      return InvalidField(field, fmt::format("\"{}\" is there twice", name));
    }
    document[name] = file.digest();
  }
  return document;
}

}  // namespace

absl::StatusOr<std::string> MakeCreateRequestBody(const api::CreateModelRequest& request) {
  TESSERA_RETURN_IF_ERROR(CheckModelName("model", request.model()));
  if (request.from().empty() == request.files().empty()) {
    return InvalidField("from", "either `from` or `files` must be given, not both");
  }
  nlohmann::json body = {{"model", request.model()}, {"stream", true}};
  if (!request.from().empty()) {
    TESSERA_RETURN_IF_ERROR(CheckModelName("from", request.from()));
    body["from"] = request.from();
  }
  if (!request.files().empty()) {
    TESSERA_ASSIGN_OR_RETURN(body["files"], Files("files", request.files()));
  }
  if (!request.adapters().empty()) {
    TESSERA_ASSIGN_OR_RETURN(body["adapters"], Files("adapters", request.adapters()));
  }
  for (const api::ModelParameter& parameter : request.parameters()) {
    TESSERA_RETURN_IF_ERROR(AddParameter(parameter, body["parameters"]));
  }
  for (const auto& [name, value] :
       {std::pair("template", &request.template_()), std::pair("system", &request.system()),
        std::pair("renderer", &request.renderer()), std::pair("parser", &request.parser()),
        std::pair("quantize", &request.quantize())}) {
    if (!value->empty()) body[name] = *value;
  }
  for (const std::string& license : request.licenses()) body["license"].push_back(license);
  for (const api::ExampleMessage& message : request.messages()) {
    if (message.role() != "system" && message.role() != "user" && message.role() != "assistant") {
      return InvalidField("messages", "a role must be system, user or assistant");
    }
    body["messages"].push_back({{"role", message.role()}, {"content", message.text()}});
  }
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace tessera::inference
