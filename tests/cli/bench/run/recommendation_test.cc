// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/recommendation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::bench {
namespace {

using ::testing::HasSubstr;

Candidate Way(const char* kv, int slots, double rate, uint32_t context = 8192) {
  Candidate candidate{.kv_type = kv, .slots = slots, .fits = true, .largest_context = context};
  if (rate > 0) candidate.rates = {rate, rate * 1.001};
  return candidate;
}

TEST(RecommendationTest, TakesTheFastest) {
  const auto best = Recommend("m", 8ull << 30, 4096,
                              {Way("f16", 1, 100), Way("q8_0", 4, 180), Way("f16", 2, 150)});
  EXPECT_EQ(best.candidate.kv_type, "q8_0");
  EXPECT_EQ(best.candidate.slots, 4);
}

TEST(RecommendationTest, AmongEqualsTakesTheMostExactCache) {
  const auto best =
      Recommend("m", 8ull << 30, 4096,
                {Way("q4_0", 1, 101, 32768), Way("q8_0", 1, 102, 16384), Way("f16", 1, 100)});
  EXPECT_EQ(best.candidate.kv_type, "f16");
}

TEST(RecommendationTest, WithoutMeasurementsSaysSo) {
  const auto best = Recommend("m", 8ull << 30, 4096, {Way("q8_0", 1, 0), Way("f16", 1, 0)});
  EXPECT_EQ(best.candidate.kv_type, "f16");
  EXPECT_THAT(best.reason, HasSubstr("not measured"));
}

TEST(RecommendationTest, WritesItsEvidence) {
  const auto best = Recommend("m", 8ull << 30, 4096, {Way("f16", 2, 100), Way("q8_0", 1, 50)});
  EXPECT_THAT(best.modelfile, HasSubstr("FROM m\n"));
  EXPECT_THAT(best.modelfile, HasSubstr("PARAMETER num_ctx 8192\n"));
  EXPECT_THAT(best.modelfile, HasSubstr("kv=q8_0, flash attention, 1 slot"));
  EXPECT_THAT(best.environment, HasSubstr("OLLAMA_KV_CACHE_TYPE=f16\n"));
  EXPECT_THAT(best.environment, HasSubstr("OLLAMA_NUM_PARALLEL=2\n"));
}

}  // namespace
}  // namespace tessera::bench
