// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/placement.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace tessera::inference {
namespace {

enum Tier { kWarm, kColdHarmless, kColdDisplacing };

// How badly it fits, before speed counts at all.
int Misfit(const PlacementChoice& choice) {
  return (choice.has_model ? 0 : 8) + (choice.reachable ? 0 : 4) + (choice.tried ? 2 : 0) +
         (choice.suspect ? 1 : 0);
}

Tier TierOf(const PlacementChoice& choice) {
  if (choice.warm) return kWarm;
  return choice.displaces ? kColdDisplacing : kColdHarmless;
}

}  // namespace

Placement Place(const std::vector<PlacementChoice>& choices, uint64_t random) {
  Placement placement;
  std::vector<size_t>& order = placement.order;
  order.resize(choices.size());
  std::iota(order.begin(), order.end(), 0);
  if (order.size() < 2) return placement;
  const auto rank = [&](size_t i) { return std::tuple(Misfit(choices[i]), TierOf(choices[i])); };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::tuple_cat(rank(a), std::tuple(choices[a].finish)) <
           std::tuple_cat(rank(b), std::tuple(choices[b].finish));
  });
  // Loading elsewhere, if that is quicker and harms nobody.
  const auto better_cold = std::find_if(order.begin(), order.end(), [&](size_t i) {
    return rank(i) == std::tuple(Misfit(choices[order[0]]), kColdHarmless) &&
           choices[i].finish < choices[order[0]].finish;
  });
  if (TierOf(choices[order[0]]) == kWarm && better_cold != order.end()) {
    std::rotate(order.begin(), better_cold, better_cold + 1);
  }
  const auto equals = static_cast<size_t>(std::count_if(
      order.begin(), order.end(), [&](size_t i) { return rank(i) == rank(order[0]); }));
  if (equals > 2) {
    // Sorted by finish: the better one of the two is the one that comes first.
    const size_t one = random % equals;
    const size_t other = (one + 1 + (random >> 32) % (equals - 1)) % equals;
    const auto chosen = order.begin() + static_cast<ptrdiff_t>(std::min(one, other));
    std::rotate(order.begin(), chosen, chosen + 1);
  }
  const PlacementChoice& best = choices[order[0]];
  placement.reload_avoided =
      !best.displaces && std::any_of(choices.begin(), choices.end(), [&](const auto& other) {
        return Misfit(other) == Misfit(best) && !other.warm && other.displaces &&
               other.finish < best.finish;
      });
  return placement;
}

}  // namespace tessera::inference
