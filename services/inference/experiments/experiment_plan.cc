// SPDX-License-Identifier: Apache-2.0
#include "services/inference/experiments/experiment_plan.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

constexpr char kFlag[] = "--experiment";
constexpr size_t kMost = 8;
constexpr size_t kLongestName = 32;

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

// FNV-1a with a last mix: the same everywhere, which std::hash does not promise.
uint64_t Hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

}  // namespace

absl::StatusOr<ExperimentPlan> ParseExperiment(std::string_view text) {
  const absl::Status invalid =
      InvalidField(kFlag,
                   "must be NAME:shadow:MODEL=OTHER:SHARE, or split for shadow, with a "
                   "share above 0 and at most 1");
  ExperimentPlan plan;
  const size_t name_end = text.find(':');
  const size_t mode_end = name_end == text.npos ? text.npos : text.find(':', name_end + 1);
  const size_t share_begin = text.rfind(':');
  if (mode_end == text.npos || share_begin <= mode_end) return invalid;
  plan.name = text.substr(0, name_end);
  const std::string_view mode = text.substr(name_end + 1, mode_end - name_end - 1);
  const std::string_view models = text.substr(mode_end + 1, share_begin - mode_end - 1);
  const std::string_view share = text.substr(share_begin + 1);
  const size_t equals = models.find('=');
  if (!IsName(plan.name) || equals == models.npos) return invalid;
  if (mode != "shadow" && mode != "split") return invalid;
  plan.mode = mode == "split" ? ExperimentMode::kSplit : ExperimentMode::kShadow;
  plan.model = models.substr(0, equals);
  plan.other = models.substr(equals + 1);
  const auto [end, error] = std::from_chars(share.data(), share.data() + share.size(), plan.share);
  if (error != std::errc() || end != share.data() + share.size()) return invalid;
  const bool valid = !plan.model.empty() && !plan.other.empty() && plan.model != plan.other &&
                     plan.share > 0 && plan.share <= 1;
  if (!valid) return invalid;
  return plan;
}

absl::StatusOr<std::vector<ExperimentPlan>> ParseExperiments(
    const std::vector<std::string>& texts) {
  if (texts.size() > kMost) return InvalidField(kFlag, "may be given 8 times at most");
  std::vector<ExperimentPlan> plans;
  std::set<std::string> names, models;
  for (const std::string& text : texts) {
    TESSERA_ASSIGN_OR_RETURN(ExperimentPlan plan, ParseExperiment(text));
    if (!names.insert(plan.name).second) return InvalidField(kFlag, "has a name twice");
    if (!models.insert(plan.model).second) return InvalidField(kFlag, "has a model twice");
    plans.push_back(std::move(plan));
  }
  return plans;
}

bool IsAssigned(const ExperimentPlan& plan, std::string_view client) {
  constexpr uint64_t kSteps = 1'000'000;
  const uint64_t place = Hash(plan.name + '/' + std::string(client)) % kSteps;
  return static_cast<double>(place) < plan.share * kSteps;
}

}  // namespace tessera::inference
