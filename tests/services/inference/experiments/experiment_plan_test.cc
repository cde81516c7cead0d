// SPDX-License-Identifier: Apache-2.0
#include "services/inference/experiments/experiment_plan.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;

TEST(ExperimentPlanTest, ReadsModelsWithTags) {
  const auto plan = ParseExperiment("q4:shadow:llama3.2:3b-q8_0=llama3.2:3b-q4_K_M:0.05");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->name, "q4");
  EXPECT_EQ(plan->mode, ExperimentMode::kShadow);
  EXPECT_EQ(plan->model, "llama3.2:3b-q8_0");
  EXPECT_EQ(plan->other, "llama3.2:3b-q4_K_M");
  EXPECT_DOUBLE_EQ(plan->share, 0.05);
  EXPECT_EQ(ParseExperiment("q4:split:a=b:1")->mode, ExperimentMode::kSplit);
}

TEST(ExperimentPlanTest, RefusesTheRest) {
  for (const char* text :
       {"", "q4", "q4:shadow", "q4:shadow:a=b", "q4:mirror:a=b:0.1", "q 4:shadow:a=b:0.1",
        "q4:shadow:a=a:0.1", "q4:shadow:a=b:0", "q4:shadow:a=b:1.5", "q4:shadow:a:0.1",
        "q4:shadow:=b:0.1", "q4:shadow:a=b:x"}) {
    EXPECT_THAT(ParseExperiment(text).status(),
                IsError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID"))
        << text;
  }
  EXPECT_FALSE(ParseExperiments({"x:shadow:a=b:1", "x:shadow:c=d:1"}).ok()) << "one name twice";
  EXPECT_FALSE(ParseExperiments({"x:shadow:a=b:1", "y:split:a=d:1"}).ok()) << "one model twice";
}

TEST(ExperimentPlanTest, AssignsItsShareAndAlwaysTheSameClients) {
  const ExperimentPlan plan{.name = "q4", .share = 0.2};
  const ExperimentPlan other{.name = "q5", .share = 0.2};
  int assigned = 0, in_both = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string client = "client-" + std::to_string(i);
    const bool here = IsAssigned(plan, client);
    EXPECT_EQ(here, IsAssigned(plan, client));
    assigned += here ? 1 : 0;
    in_both += here && IsAssigned(other, client) ? 1 : 0;
  }
  // Three standard errors: 120; of those in both, 60.
  EXPECT_NEAR(assigned, 2000, 120);
  EXPECT_NEAR(in_both, 400, 60) << "experiments are independent";
}

}  // namespace
}  // namespace tessera::inference
