// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/rate_model.h"

#include <algorithm>

namespace tessera::inference {
namespace {

// A prompt that is shorter says more about everything else than about the speed of reading.
constexpr uint32_t kFewestTokensForARate = 8;
// No engine is faster than this; keeps a clock that stood still from promising the impossible.
constexpr double kFastestSecondsPerToken = 1e-6;

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

}  // namespace

void RateModel::Learn(const JobTiming& timing) {
  ++answers_;
  if (timing.size.pictures > 0 && !timing.cold) ++picture_answers_;
  const double prefill = Seconds(timing.engine_prefill);
  const double first_token = Seconds(timing.first_token);
  if (timing.cold) {
    // What the first token took beyond what it takes when the model is loaded.
    const double warm = Seconds(Predict(timing.size).first_token);
    load_seconds_.Add(std::max(Seconds(timing.engine_load), first_token - warm));
  }
  if (prefill > 0 && timing.size.prompt_tokens >= kFewestTokensForARate) {
    prefill_seconds_per_token_.Add(
        std::max(prefill / timing.size.prompt_tokens, kFastestSecondsPerToken));
  }
  if (!timing.cold) LearnPrompt(timing);
  if (timing.size.embeds) return;
  if (timing.output_tokens > 1) {
    decode_seconds_per_token_.Add(
        std::max(Seconds(timing.total - timing.first_token) / (timing.output_tokens - 1),
                 kFastestSecondsPerToken));
  }
  output_tokens_.Add(timing.output_tokens);
}

void RateModel::LearnPrompt(const JobTiming& timing) {
  warm_load_seconds_.Add(Seconds(timing.engine_load));
  if (!timing.before_slot) return;
  // The slot may have been there before the load was over, or the other way round.
  const double begun = Seconds(std::max(*timing.before_slot, timing.engine_load));
  const double reading = timing.size.prompt_tokens * prefill_seconds_per_token_.Typical();
  const double beside_reading = std::max(Seconds(timing.first_token) - begun - reading, 0.0);
  if (timing.size.pictures == 0) {
    overhead_seconds_.Add(beside_reading);
  } else {
    picture_seconds_.Add(std::max(beside_reading - overhead_seconds_.Typical(), 0.0) /
                         timing.size.pictures);
  }
}

JobPrediction RateModel::Predict(const JobSize& size) const {
  const double warm_load = warm_load_seconds_.Typical();
  const double first_token = warm_load + overhead_seconds_.Typical() +
                             size.prompt_tokens * prefill_seconds_per_token_.Typical() +
                             size.pictures * picture_seconds_.Typical();
  double decode = 0;
  if (!size.embeds) {
    double tokens = output_tokens_.Typical();
    if (size.max_output_tokens > 0) tokens = std::min<double>(tokens, size.max_output_tokens);
    decode = std::max(tokens - 1, 0.0) * decode_seconds_per_token_.Typical();
  }
  return {.warm_load = absl::Seconds(warm_load),
          .first_token = absl::Seconds(first_token),
          .total = absl::Seconds(first_token + decode)};
}

absl::Duration RateModel::load() const { return absl::Seconds(load_seconds_.Typical()); }

}  // namespace tessera::inference
