// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/ask/asker.h"

namespace tessera::bench {

double Answer::Throughput() const { return total_s > 0 ? output_tokens / total_s : 0; }

std::optional<double> Answer::ClockRate() const {
  if (!first_token_s || output_tokens < 2 || total_s <= *first_token_s) return std::nullopt;
  return (output_tokens - 1) / (total_s - *first_token_s);
}

std::optional<double> Answer::EngineRate() const {
  if (decode_s <= 0 || output_tokens == 0) return std::nullopt;
  return output_tokens / decode_s;
}

std::optional<double> Answer::PrefillRate() const {
  if (prefill_s <= 0 || prompt_tokens == 0) return std::nullopt;
  return prompt_tokens / prefill_s;
}

}  // namespace tessera::bench
