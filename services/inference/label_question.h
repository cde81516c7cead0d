// SPDX-License-Identifier: Apache-2.0
//
// Classification as a question to a model: the prompt, the JSON schema that leaves it no other
// answer than labels, and the reading of that answer.
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

// 1 to 1,000 labels of 1 to 200 bytes, no two alike: else LABELS_EMPTY, LABELS_TOO_MANY,
// LABELS_DUPLICATE, FIELD_INVALID; the latter also for descriptions and for max_labels.
absl::Status CheckLabels(const v1::ClassifyRequest& request);

// The question in words, labels included, so that the model knows them before the schema binds it.
std::string LabelQuestion(const v1::ClassifyRequest& request);

// One label: {"label": one of them, or a text that means none}. Several:
// {"labels": [some of them]}, an empty list for none.
std::string LabelSchema(const v1::ClassifyRequest& request);

// Enough tokens for the longest answer in JSON, one byte a token at worst.
uint32_t MaxAnswerTokens(const v1::ClassifyRequest& request);

struct ScoredLabel {
  std::string label;
  std::optional<double> confidence;  // (0, 1]
};

struct LabelAnswer {
  std::vector<ScoredLabel> labels;   // Empty: none fits.
  std::optional<double> confidence;  // Of the first label; of the answer that none fits.
};

// Reads what LabelSchema asks for. `token_logprobs` are the answer's tokens in order with the
// natural logarithms of their probabilities; a label's confidence is the product of the
// probabilities of the tokens that spell it, unset when they do not spell it. INTERNAL, reason
// CLASSIFICATION_INVALID, when the answer is not what was asked for.
absl::StatusOr<LabelAnswer> ReadLabelAnswer(
    std::string_view answer, const v1::ClassifyRequest& request,
    const std::vector<std::pair<std::string, double>>& token_logprobs);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_LABEL_QUESTION_H_
