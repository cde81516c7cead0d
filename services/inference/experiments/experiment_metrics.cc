// SPDX-License-Identifier: Apache-2.0
#include "services/inference/experiments/experiment_metrics.h"

namespace tessera::inference {
namespace {

prometheus::Family<prometheus::Counter>& Family(prometheus::Registry& registry, const char* name,
                                                const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

}  // namespace

std::vector<ExperimentSeries> MakeExperimentSeries(prometheus::Registry& registry,
                                                   const std::vector<ExperimentPlan>& plans) {
  auto& requests = Family(registry, "tessera_inference_experiment_requests_total",
                          "Requests of an experiment that were answered, by model.");
  auto& failed = Family(registry, "tessera_inference_experiment_failed_total",
                        "Requests of an experiment that failed, by model.");
  auto& seconds = Family(registry, "tessera_inference_experiment_seconds_total",
                         "Time of answered requests of an experiment, seconds, by model.");
  auto& tokens = Family(registry, "tessera_inference_experiment_output_tokens_total",
                        "Tokens of answers of an experiment by the engine's count, by model.");
  auto& shadows = Family(registry, "tessera_inference_experiment_shadows_total",
                         "Requests drawn for a shadow by end: same or different answer, failed, or "
                         "dropped for callers.");
  std::vector<ExperimentSeries> all;
  for (const ExperimentPlan& plan : plans) {
    ExperimentSeries& series = all.emplace_back();
    for (const size_t side : {0, 1}) {
      const prometheus::Labels labels{
          {"experiment", plan.name}, {"gen_ai_request_model", side == 0 ? plan.model : plan.other}};
      series.requests[side] = &requests.Add(labels);
      series.failed[side] = &failed.Add(labels);
      series.seconds[side] = &seconds.Add(labels);
      series.output_tokens[side] = &tokens.Add(labels);
    }
    if (plan.mode != ExperimentMode::kShadow) continue;
    for (size_t end = 0; end < kShadowEndNames.size(); ++end) {
      series.shadows[end] =
          &shadows.Add({{"experiment", plan.name}, {"result", std::string(kShadowEndNames[end])}});
    }
  }
  return all;
}

}  // namespace tessera::inference
