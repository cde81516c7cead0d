// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/sizing/size_policy.h"

#include <fmt/format.h>

#include <array>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::preprocess {
namespace {

constexpr uint32_t kMaxCells = 16'384;
constexpr uint32_t kMinExactSidePx = 32;
constexpr uint32_t kMaxExactSidePx = 4096;

struct Check {
  std::string_view prefix;

  absl::Status InRange(std::string_view field, uint32_t value, uint32_t low, uint32_t high) const {
    if (value >= low && value <= high) return absl::OkStatus();
    return InvalidField(fmt::format("{}{}", prefix, field),
                        fmt::format("is {}, but must be {} to {}", value, low, high));
  }

  absl::Status operator()(const FitWithinSide&) const { return absl::OkStatus(); }
  absl::Status operator()(const EngineFit&) const { return absl::OkStatus(); }
  absl::Status operator()(const TokenBudget& budget) const {
    TESSERA_RETURN_IF_ERROR(InRange("token_budget.max_tokens", budget.max_cells, 1, kMaxCells));
    return InRange("token_budget.min_tokens", budget.min_cells, 1, budget.max_cells);
  }
  absl::Status operator()(const ExactSize& exact) const {
    TESSERA_RETURN_IF_ERROR(
        InRange("exact.width_px", exact.width_px, kMinExactSidePx, kMaxExactSidePx));
    return InRange("exact.height_px", exact.height_px, kMinExactSidePx, kMaxExactSidePx);
  }
};

}  // namespace

std::string_view SizePolicyName(const SizePolicy& policy) {
  constexpr std::array<std::string_view, 4> kNames = {"fit-within", "engine-fit", "token-budget",
                                                      "exact"};
  return kNames[policy.index()];
}

absl::Status Validate(const SizePolicy& policy, std::string_view prefix) {
  return std::visit(Check{prefix}, policy);
}

}  // namespace tessera::preprocess
