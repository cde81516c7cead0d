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
constexpr size_t kMaxDescriptionBytes = 1024;
constexpr uint32_t kMostLabels = 16;
constexpr size_t kMaxEchoBytes = 200;

absl::Status LabelsError(std::string_view reason, const std::string& message) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message,
                   {.fields = {{"labels", message}}});
}

bool WantsSeveral(const v1::ClassifyRequest& request) { return request.max_labels() > 1; }

uint32_t MostLabels(const v1::ClassifyRequest& request) {
  return std::min(std::max(request.max_labels(), 1U), static_cast<uint32_t>(request.labels_size()));
}

bool IsLabel(const v1::ClassifyRequest& request, std::string_view text) {
  return std::find(request.labels().begin(), request.labels().end(), text) !=
         request.labels().end();
}

// The option that stands for none, unlike every label.
std::string NoneOption(const v1::ClassifyRequest& request) {
  std::string none = "none of these";
  while (IsLabel(request, none)) none += '!';
  return none;
}

std::string Options(const v1::ClassifyRequest& request) {
  std::vector<std::string> options;
  for (int i = 0; i < request.labels_size(); ++i) {
    const bool described =
        i < request.label_descriptions_size() && !request.label_descriptions(i).empty();
    options.push_back(described
                          ? fmt::format("{}: {}", request.labels(i), request.label_descriptions(i))
                          : request.labels(i));
  }
  if (request.allow_none() && !WantsSeveral(request)) options.push_back(NoneOption(request));
  if (request.label_descriptions().empty()) return fmt::format("{}.", fmt::join(options, ", "));
  return fmt::format("\n- {}\n", fmt::join(options, "\n- "));
}

// What `text` is in the answer's JSON, quotes left out: first and last byte after it.
using Span = std::pair<size_t, size_t>;

std::optional<Span> FindQuoted(std::string_view answer, size_t from, const std::string& text) {
  for (const bool ascii : {false, true}) {
    const std::string quoted = json(text).dump(-1, ' ', ascii);
    const size_t at = answer.find(quoted, from);
    if (at != std::string_view::npos) return Span(at + 1, at + quoted.size() - 1);
  }
  return std::nullopt;
}

// An answer as its tokens spell it. Not as the engine gives it, which trims what it makes of them.
// A character that was cut into several tokens is not in it: then nothing can be said.
class SpelledAnswer {
 public:
  explicit SpelledAnswer(const std::vector<std::pair<std::string, double>>& tokens)
      : tokens_(tokens) {
    for (const auto& [text, logprob] : tokens) spelled_ += text;
    // Past the key, which a label may equal.
    value_ = std::min(spelled_.find(':'), spelled_.size());
  }

  std::optional<double> ConfidenceOf(const std::string& label) const {
    const auto span = FindQuoted(spelled_, value_, label);
    return span ? Confidence(*span) : std::nullopt;
  }

  // That the list ends where it begins.
  std::optional<double> ConfidenceOfNone() const {
    const size_t end = spelled_.find(']', value_);
    return end == std::string::npos ? std::nullopt : Confidence({end, end + 1});
  }

 private:
  std::optional<double> Confidence(Span span) const {
    size_t begin = 0;
    double sum = 0;
    for (const auto& [text, logprob] : tokens_) {
      const size_t end = begin + text.size();
      if (begin < span.second && end > span.first) sum += logprob;
      begin = end;
    }
    if (!std::isfinite(sum) || sum > 0.01) return std::nullopt;
    return std::min(1.0, std::max(std::exp(sum), 1e-12));
  }

  const std::vector<std::pair<std::string, double>>& tokens_;
  std::string spelled_;
  size_t value_ = 0;
};

// The texts that the answer names; nullopt when it is no such answer.
std::optional<std::vector<std::string>> NamedIn(std::string_view answer, bool several) {
  const json document = json::parse(answer, nullptr, /*allow_exceptions=*/false);
  const char* const key = several ? "labels" : "label";
  if (!document.is_object() || !document.contains(key)) return std::nullopt;
  const json& value = document[key];
  const json list = several ? value : json::array({value});
  if (!list.is_array()) return std::nullopt;
  std::vector<std::string> named;
  for (const json& one : list) {
    if (!one.is_string()) return std::nullopt;
    named.push_back(one.get<std::string>());
  }
  return named;
}

absl::Status NotAsAsked(std::string_view answer) {
  const std::string echo =
      json(answer.substr(0, kMaxEchoBytes)).dump(-1, ' ', false, json::error_handler_t::replace);
  return MakeError(absl::StatusCode::kInternal, "CLASSIFICATION_INVALID",
                   fmt::format("the model's answer is not one of the labels: {}", echo));
}

}  // namespace

absl::Status CheckLabels(const v1::ClassifyRequest& request) {
  const auto& labels = request.labels();
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
  const int descriptions = request.label_descriptions_size();
  if (descriptions != 0 && descriptions != labels.size()) {
    return InvalidField("label_descriptions",
                        fmt::format("must be none, or {} as the labels are", labels.size()));
  }
  for (int i = 0; i < descriptions; ++i) {
    if (request.label_descriptions(i).size() > kMaxDescriptionBytes) {
      return InvalidField(fmt::format("label_descriptions[{}]", i), "must be at most 1 KiB");
    }
  }
  if (request.has_max_labels() &&
      (request.max_labels() < 1 || request.max_labels() > kMostLabels)) {
    return InvalidField("max_labels", fmt::format("must be in [1, {}]", kMostLabels));
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
  question += "Options: " + Options(request) + " ";
  if (WantsSeveral(request)) {
    question += fmt::format("Name all options that fit, at most {}{}. ", MostLabels(request),
                            request.allow_none() ? ", or none" : "");
  }
  return question + "Answer as JSON.";
}

std::string LabelSchema(const v1::ClassifyRequest& request) {
  json choices = json::array();
  for (const std::string& label : request.labels()) choices.push_back(label);
  if (request.allow_none() && !WantsSeveral(request)) choices.push_back(NoneOption(request));
  const json choice = {{"type", "string"}, {"enum", choices}};
  const char* const key = WantsSeveral(request) ? "labels" : "label";
  const json value = WantsSeveral(request) ? json{{"type", "array"},
                                                  {"items", choice},
                                                  {"minItems", request.allow_none() ? 0 : 1},
                                                  {"maxItems", MostLabels(request)}}
                                           : choice;
  const json schema = {{"type", "object"}, {"properties", {{key, value}}}, {"required", {key}}};
  return schema.dump(-1, ' ', false, json::error_handler_t::replace);
}

uint32_t MaxAnswerTokens(const v1::ClassifyRequest& request) {
  size_t longest = NoneOption(request).size();
  for (const std::string& label : request.labels()) longest = std::max(longest, label.size());
  return static_cast<uint32_t>(32 + MostLabels(request) * (6 * longest + 4));
}

absl::StatusOr<LabelAnswer> ReadLabelAnswer(
    std::string_view answer, const v1::ClassifyRequest& request,
    const std::vector<std::pair<std::string, double>>& token_logprobs) {
  const bool several = WantsSeveral(request);
  const auto named = NamedIn(answer, several);
  if (!named) return NotAsAsked(answer);
  const SpelledAnswer spelled(token_logprobs);
  LabelAnswer result;
  for (const std::string& label : *named) {
    if (request.allow_none() && !several && label == NoneOption(request)) {
      result.confidence = spelled.ConfidenceOf(label);
      return result;
    }
    if (!IsLabel(request, label)) return NotAsAsked(answer);
    // No engine is held to naming each once.
    const bool again = std::any_of(result.labels.begin(), result.labels.end(),
                                   [&](const ScoredLabel& one) { return one.label == label; });
    if (!again) result.labels.push_back({label, spelled.ConfidenceOf(label)});
  }
  if (result.labels.size() > MostLabels(request)) return NotAsAsked(answer);
  if (result.labels.empty()) {
    if (!request.allow_none()) return NotAsAsked(answer);
    result.confidence = spelled.ConfidenceOfNone();
  } else {
    result.confidence = result.labels.front().confidence;
  }
  return result;
}

}  // namespace tessera::inference
