// SPDX-License-Identifier: Apache-2.0
//
// Classification as a question to a model: the prompt, the JSON schema that leaves it no other
// answer than one of the labels, and the reading of that answer.
#ifndef TESSERA_SERVICES_INFERENCE_LABEL_QUESTION_H_
#define TESSERA_SERVICES_INFERENCE_LABEL_QUESTION_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::inference {

using Labels = google::protobuf::RepeatedPtrField<std::string>;

// 1 to 1,000 labels of 1 to 200 bytes, no two alike: else LABELS_EMPTY, LABELS_TOO_MANY,
// LABELS_DUPLICATE, FIELD_INVALID.
absl::Status CheckLabels(const Labels& labels);

// The question in words, labels included, so that the model knows them before the schema binds it.
std::string LabelQuestion(const v1::ClassifyRequest& request);

// {"type":"object","properties":{"label":{"type":"string","enum":[...]}},"required":["label"]}
std::string LabelSchema(const Labels& labels);

// Enough tokens for the longest label in JSON, one byte a token at worst.
uint32_t MaxAnswerTokens(const Labels& labels);

struct LabelAnswer {
  std::string label;
  std::optional<double> confidence;  // (0, 1]
};

// Reads {"label": "..."}. `token_logprobs` are the answer's tokens in order with the natural
// logarithms of their probabilities; the confidence is the product of the probabilities of the
// tokens that spell the label, unset when they do not spell it. INTERNAL, reason
// CLASSIFICATION_INVALID, when the answer is not one of the labels.
absl::StatusOr<LabelAnswer> ReadLabelAnswer(
    std::string_view answer, const Labels& labels,
    const std::vector<std::pair<std::string, double>>& token_logprobs);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_LABEL_QUESTION_H_
