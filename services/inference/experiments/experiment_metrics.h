// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_METRICS_H_
#define TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_METRICS_H_

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "services/inference/experiments/experiment_plan.h"

namespace tessera::inference {

// What became of a request that was drawn for a shadow.
enum class ShadowEnd { kSame, kDifferent, kFailed, kDropped };
inline constexpr std::array<std::string_view, 4> kShadowEndNames = {"same", "different", "failed",
                                                                    "dropped"};

// The series of one experiment. Pointers into the registry; thread-safe.
struct ExperimentSeries {
  // By side: 0 the model, 1 the other one.
  std::array<prometheus::Counter*, 2> requests{};
  std::array<prometheus::Counter*, 2> failed{};
  std::array<prometheus::Counter*, 2> seconds{};
  std::array<prometheus::Counter*, 2> output_tokens{};
  std::array<prometheus::Counter*, 4> shadows{};  // By ShadowEnd.
};

// One for each plan, in their order; every series exists at 0.
std::vector<ExperimentSeries> MakeExperimentSeries(prometheus::Registry& registry,
                                                   const std::vector<ExperimentPlan>& plans);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_EXPERIMENTS_EXPERIMENT_METRICS_H_
