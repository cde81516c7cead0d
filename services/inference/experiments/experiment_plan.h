// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_PLAN_H_
#define TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_PLAN_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::inference {

enum class ExperimentMode {
  kShadow,  // A share of the requests also goes to the other model; nobody sees its answers.
  kSplit,   // A share of the clients gets its answers from the other model, always the same ones.
};

// What is tried out: "q4:shadow:llama3.2:3b-instruct-q8_0=llama3.2:3b-instruct-q4_K_M:0.05".
struct ExperimentPlan {
  std::string name;  // Of the metrics: letters, digits, '_' and '-'.
  ExperimentMode mode = ExperimentMode::kShadow;
  std::string model;  // Requests for this one take part.
  std::string other;
  double share = 0;  // (0, 1].
};

// "NAME:shadow|split:MODEL=OTHER:SHARE". INVALID_ARGUMENT, reason FIELD_INVALID.
absl::StatusOr<ExperimentPlan> ParseExperiment(std::string_view text);

// All of them; at most 8, each with another name, and each model in one of them only.
absl::StatusOr<std::vector<ExperimentPlan>> ParseExperiments(const std::vector<std::string>& texts);

// Whether the client belongs to the share of a split. The same client always does or never, on
// every server, and otherwise in another experiment.
bool IsAssigned(const ExperimentPlan& plan, std::string_view client);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_PLAN_H_
