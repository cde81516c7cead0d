// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/retry_budget.h"

#include <gtest/gtest.h>

namespace tessera::inference {
namespace {

TEST(RetryBudgetTest, AllowsAFifthOfTheRequestsAndAFewForABadMoment) {
  RetryBudget budget;
  int retries = 0;
  for (int i = 0; i < 1'000; ++i) {
    budget.OnRequest();
    retries += budget.TryRetry();
  }
  EXPECT_GE(retries, 200);
  EXPECT_LE(retries, 210);
}

TEST(RetryBudgetTest, DoesNotSaveUpWithoutEnd) {
  RetryBudget budget;
  for (int i = 0; i < 100'000; ++i) budget.OnRequest();
  int retries = 0;
  while (budget.TryRetry()) ++retries;
  EXPECT_EQ(retries, 100);
}

}  // namespace
}  // namespace tessera::inference
