// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_RUN_RECOMMENDATION_H_
#define TESSERA_CLI_BENCH_RUN_RECOMMENDATION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tessera::bench {

// A way to run a model, and what is known of it.
struct Candidate {
  std::string kv_type;
  bool flash_attention = true;
  int slots = 1;
  bool fits = false;
  bool answered_one_at_a_time = false;
  uint64_t predicted_bytes = 0;
  uint32_t largest_context = 0;
  std::vector<double> rates;  // Tokens per second of all slots; empty: not measured.

  // "kv=q8_0, flash attention, 2 slots".
  std::string Name() const;
};

struct Recommendation {
  Candidate candidate;
  std::string reason;       // In a sentence.
  std::string modelfile;    // With the evidence in comments.
  std::string environment;  // OLLAMA_* lines, likewise.
};

// Among candidates that fit, of which there must be one: the highest mean rate; among those within
// 3 % of it, the most exact cache, then the fewest slots. Where nothing was measured, the latter
// alone. The context is the largest that fits.
Recommendation Recommend(const std::string& model, uint64_t budget_bytes, uint32_t min_context,
                         const std::vector<Candidate>& fitting);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RUN_RECOMMENDATION_H_
