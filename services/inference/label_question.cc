// SPDX-License-Identifier: Apache-2.0
#include "services/inference/label_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "common/status/error.h"

namespace tessera::inference {
namespace {

using nlohmann::json;

constexpr int kMaxLabels = 1000;
constexpr size_t kMaxLabelBytes = 200;
constexpr size_t kMaxEchoBytes = 200;

absl::Status LabelsError(std::string_view reason, const std::string& message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message,
                   {.fields = {{"labels", message}}});
}

// Where the label stands in the answer's JSON, quotes left out.
std::optional<std::pair<size_t, size_t>> FindSpan(std::string_view answer,
                                                  const std::string& label) {
  for (const bool ascii : {false, true}) {
    const std::string quoted = json(label).dump(-1, ' ', ascii);
    const size_t at = answer.rfind(quoted);
    if (at != std::string_view::npos) return std::pair(at + 1, at + quoted.size() - 1);
  }
  return std::nullopt;
}

std::optional<double> Confidence(const std::string& label,
                                 const std::vector<std::pair<std::string, double>>& tokens) {
  // The tokens' own text, because the engine trims what it makes of them. A character that was cut
  // into several tokens is not in it: then nothing can be said.
  std::string spelled;
  for (const auto& [text, logprob] : tokens) spelled += text;
  const auto span = FindSpan(spelled, label);
  if (!span) return std::nullopt;
  size_t begin = 0;
  double sum = 0;
  for (const auto& [text, logprob] : tokens) {
    const size_t end = begin + text.size();
    if (begin < span->second && end > span->first) sum += logprob;
    begin = end;
  }
  if (!std::isfinite(sum) || sum > 0.01) return std::nullopt;
  return std::min(1.0, std::max(std::exp(sum), 1e-12));
}

}  // namespace

absl::Status CheckLabels(const Labels& labels) {
  if (labels.empty()) return LabelsError("LABELS_EMPTY", "labels must hold at least one label");
  if (labels.size() > kMaxLabels) {
    return LabelsError(
        "LABELS_TOO_MANY",
        fmt::format("labels holds {} labels; at most {} are allowed", labels.size(), kMaxLabels));
  }
  std::set<std::string_view> seen;
  for (int i = 0; i < labels.size(); ++i) {
    if (labels[i].empty() || labels[i].size() > kMaxLabelBytes) {
      return InvalidField(fmt::format("labels[{}]", i), "must be 1 to 200 bytes");
    }
    if (!seen.insert(labels[i]).second) {
      return LabelsError("LABELS_DUPLICATE", fmt::format("labels holds '{}' twice", labels[i]));
    }
  }
  return absl::OkStatus();
}

std::string LabelQuestion(const v1::ClassifyRequest& request) {
  std::string question;
  if (request.images().empty()) {
    question = fmt::format("Classify this text.\n\n{}\n\n", request.text());
  } else if (request.text().empty()) {
    question = "What kind of picture is this? ";
  } else {
    question = request.text() + " ";
  }
  question += "Options: ";
  for (int i = 0; i < request.labels_size(); ++i) {
    if (i > 0) question += ", ";
    question += request.labels(i);
  }
  return question + ". Answer as JSON.";
}

std::string LabelSchema(const Labels& labels) {
  json choices = json::array();
  for (const std::string& label : labels) choices.push_back(label);
  const json schema = {{"type", "object"},
                       {"properties", {{"label", {{"type", "string"}, {"enum", choices}}}}},
                       {"required", {"label"}}};
  return schema.dump(-1, ' ', false, json::error_handler_t::replace);
}

uint32_t MaxAnswerTokens(const Labels& labels) {
  size_t longest = 0;
  for (const std::string& label : labels) longest = std::max(longest, label.size());
  return static_cast<uint32_t>(32 + 6 * longest);
}

absl::StatusOr<LabelAnswer> ReadLabelAnswer(
    std::string_view answer, const Labels& labels,
    const std::vector<std::pair<std::string, double>>& token_logprobs) {
  const json document = json::parse(answer, nullptr, /*allow_exceptions=*/false);
  if (document.is_object() && document.contains("label") && document["label"].is_string()) {
    const std::string label = document["label"].get<std::string>();
    if (std::find(labels.begin(), labels.end(), label) != labels.end()) {
      return LabelAnswer{label, Confidence(label, token_logprobs)};
    }
  }
  const std::string echo =
      json(answer.substr(0, kMaxEchoBytes)).dump(-1, ' ', false, json::error_handler_t::replace);
  return MakeError(absl::StatusCode::kInternal, "CLASSIFICATION_INVALID",
                   fmt::format("the model's answer is not one of the labels: {}", echo));
}

}  // namespace tessera::inference
