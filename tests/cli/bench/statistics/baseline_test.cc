// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/baseline.h"

#include <gtest/gtest.h>

#include <random>

namespace tessera::bench {
namespace {

// Forty conditions of a latency around 100 ms; `slower` of them by a fifth.
Report MadeUp(uint64_t seed, int slower) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(100, 2);
  Report report;
  SuiteRecord& suite = report.suites.emplace_back();
  suite.name = "text";
  suite.metrics = {{"total", "ms", Better::kLower, Role::kHeadline},
                   {"answer tokens", "", Better::kNeither, Role::kTable}};
  for (int i = 0; i < 40; ++i) {
    const std::string name = "condition " + std::to_string(i);
    suite.Declare({name, name, std::nullopt});
    for (int round = 0; round < 20; ++round) {
      suite.Add(name, "total", round, normal(random) * (i < slower ? 1.2 : 1));
      suite.Add(name, "answer tokens", round, 5);
    }
  }
  return report;
}

TEST(BaselineTest, NamesWhatRegressedAndNothingElse) {
  const SuiteRecord found = CompareWithBaseline(MadeUp(1, 3), MadeUp(2, 0));
  ASSERT_EQ(found.checks.size(), 3);
  for (const Check& check : found.checks) EXPECT_EQ(check.outcome, Outcome::kFailed) << check.name;
  EXPECT_EQ(found.checks[0].name, "text: total, condition 0");
  EXPECT_EQ(found.findings.size(), 40) << "what has no better side is not compared";
}

TEST(BaselineTest, SaysWhatImproved) {
  const SuiteRecord found = CompareWithBaseline(MadeUp(3, 0), MadeUp(4, 1));
  ASSERT_EQ(found.checks.size(), 1);
  EXPECT_EQ(found.checks[0].outcome, Outcome::kPassed);
}

TEST(BaselineTest, SaysNothingOfEqualRuns) {
  EXPECT_TRUE(CompareWithBaseline(MadeUp(5, 0), MadeUp(6, 0)).checks.empty());
}

}  // namespace
}  // namespace tessera::bench
