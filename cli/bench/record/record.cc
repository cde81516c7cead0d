// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/record/record.h"

#include <fmt/format.h>

#include <algorithm>

namespace tessera::bench {

std::optional<GoalOutcome> Finding::Judge() const {
  if (!goal) return std::nullopt;
  if (low && high && *low < *goal && *goal < *high) return GoalOutcome::kUndecided;
  const bool met = better == Better::kLower ? value <= *goal : value >= *goal;
  return met ? GoalOutcome::kMet : GoalOutcome::kMissed;
}

void SuiteRecord::Declare(Condition condition) {
  const bool known = std::any_of(conditions.begin(), conditions.end(),
                                 [&](const Condition& one) { return one.name == condition.name; });
  if (!known) conditions.push_back(std::move(condition));
}

void SuiteRecord::Add(std::string_view condition, std::string_view metric, int round,
                      double value) {
  samples.push_back({std::string(condition), std::string(metric), round, value});
}

std::vector<double> SuiteRecord::Values(std::string_view condition, std::string_view metric) const {
  std::vector<double> values;
  for (const Sample& sample : samples) {
    if (sample.condition == condition && sample.metric == metric) values.push_back(sample.value);
  }
  return values;
}

std::vector<std::pair<double, double>> SuiteRecord::Pairs(std::string_view first,
                                                          std::string_view second,
                                                          std::string_view metric) const {
  std::map<int, double> of_first;
  for (const Sample& sample : samples) {
    if (sample.condition == first && sample.metric == metric) {
      of_first[sample.round] = sample.value;
    }
  }
  std::vector<std::pair<double, double>> pairs;
  for (const Sample& sample : samples) {
    if (sample.condition != second || sample.metric != metric) continue;
    if (const auto found = of_first.find(sample.round); found != of_first.end()) {
      pairs.emplace_back(found->second, sample.value);
    }
  }
  return pairs;
}

}  // namespace tessera::bench
