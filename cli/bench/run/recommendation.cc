// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/recommendation.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "cli/bench/statistics/distribution.h"

namespace tessera::bench {
namespace {

constexpr double kSame = 0.03;

int Coarseness(const Candidate& candidate) {
  if (candidate.kv_type == "f16") return 0;
  return candidate.kv_type == "q8_0" ? 1 : 2;
}

double Rate(const Candidate& candidate) { return Describe(candidate.rates).mean; }

std::string Evidence(const std::vector<Candidate>& fitting) {
  std::string text;
  for (const Candidate& candidate : fitting) {
    const Distribution rate = Describe(candidate.rates);
    text += fmt::format("#   {:<36} {:>6} MiB predicted, num_ctx up to {}", candidate.Name(),
                        candidate.predicted_bytes >> 20, candidate.largest_context);
    text += rate.count == 0 ? ", not measured\n"
                            : fmt::format(", {:.1f} tokens/s [{:.1f}, {:.1f}], n = {}\n", rate.mean,
                                          rate.min, rate.max, rate.count);
  }
  return text;
}

}  // namespace

std::string Candidate::Name() const {
  return fmt::format("kv={}, {}flash attention, {} slot{}", kv_type, flash_attention ? "" : "no ",
                     slots, slots == 1 ? "" : "s");
}

Recommendation Recommend(const std::string& model, uint64_t budget_bytes, uint32_t min_context,
                         const std::vector<Candidate>& fitting) {
  double best = 0;
  for (const Candidate& candidate : fitting) best = std::max(best, Rate(candidate));
  const Candidate* chosen = nullptr;
  const auto order = [](const Candidate& one) {
    return std::tuple(Coarseness(one), !one.flash_attention, one.slots);
  };
  for (const Candidate& candidate : fitting) {
    if (Rate(candidate) < best * (1 - kSame)) continue;
    if (chosen == nullptr || order(candidate) < order(*chosen)) chosen = &candidate;
  }
  Recommendation found{.candidate = *chosen};
  const std::string measured =
      best > 0 ? fmt::format("{:.1f} tokens/s", Rate(*chosen)) : "by prediction, not measured";
  found.reason =
      fmt::format("{} with num_ctx {}: {}, {} of {} MiB", chosen->Name(), chosen->largest_context,
                  measured, chosen->predicted_bytes >> 20, budget_bytes >> 20);
  const std::string evidence = fmt::format(
      "# Budget {} MiB, at least {} tokens of context; memory is predicted at that context.\n"
      "# Those within 3 % of the fastest count as equal; among them the most exact cache wins.\n{}",
      budget_bytes >> 20, min_context, Evidence(fitting));
  found.modelfile = fmt::format(
      "# {}, as `tessera bench tune` recommends.\n{}\nFROM {}\n\n"
      "# Tokens of prompt and answer together: the most that fit into the budget.\n"
      "PARAMETER num_ctx {}\n",
      model, evidence, model, chosen->largest_context);
  found.environment = fmt::format(
      "# Settings of Ollama for {}, as `tessera bench tune` recommends.\n{}\n"
      "OLLAMA_KV_CACHE_TYPE={}\nOLLAMA_FLASH_ATTENTION={}\nOLLAMA_NUM_PARALLEL={}\n",
      model, evidence, chosen->kv_type, chosen->flash_attention ? 1 : 0, chosen->slots);
  return found;
}

}  // namespace tessera::bench
