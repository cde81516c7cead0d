// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/record/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tessera::bench {
namespace {

using ::tessera::testing::IsError;
using ::testing::ElementsAre;
using ::testing::Pair;

Report MadeUp() {
  Report report{.started = "2026-01-01T00:00:00Z", .finished = "2026-01-01T00:01:00Z"};
  report.environment["tessera"] = "1";
  SuiteRecord& suite = report.suites.emplace_back();
  suite.name = "text";
  suite.x_name = "prompt tokens";
  suite.options["runs"] = 2;
  suite.metrics = {{"total", "ms", Better::kLower, Role::kHeadline}};
  suite.Declare({"gateway", "through", 100});
  suite.Declare({"gateway", "twice", 200});
  suite.Declare({"direct", "directly", std::nullopt});
  suite.Add("gateway", "total", 0, 10);
  suite.Add("direct", "total", 0, 8);
  suite.Add("gateway", "total", 1, 12);
  suite.checks = {{"health", Outcome::kSkipped, "why", 0.5}};
  suite.findings = {{.name = "ratio", .value = 0.99, .low = 0.98, .high = 1.0, .goal = 0.995}};
  suite.notes = {"a note"};
  suite.interrupted = true;
  return report;
}

TEST(RecordTest, SurvivesItsFile) {
  const Report before = MadeUp();
  const auto after = ReportFromJson(ToJson(before).dump());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(ToJson(*after), ToJson(before));
  EXPECT_EQ(after->suites[0].conditions.size(), 2) << "a condition is declared once";
  EXPECT_EQ(after->suites[0].checks[0].outcome, Outcome::kSkipped);
}

TEST(RecordTest, PairsByRound) {
  const SuiteRecord suite = MadeUp().suites[0];
  EXPECT_THAT(suite.Values("gateway", "total"), ElementsAre(10, 12));
  EXPECT_THAT(suite.Pairs("gateway", "direct", "total"), ElementsAre(Pair(10, 8)));
}

TEST(RecordTest, JudgesAGoalByItsBetterSide) {
  Finding finding{.value = 0.99, .goal = 0.995};
  EXPECT_EQ(finding.Judge(), GoalOutcome::kMissed);
  finding.better = Better::kLower;
  EXPECT_EQ(finding.Judge(), GoalOutcome::kMet);
  EXPECT_EQ(Finding{}.Judge(), std::nullopt);
}

TEST(RecordTest, LeavesAGoalInsideTheIntervalUndecided) {
  Report report = MadeUp();
  const Finding finding{.name = "r", .value = 0.99, .low = 0.98, .high = 1.0, .goal = 0.995};
  EXPECT_EQ(finding.Judge(), GoalOutcome::kUndecided);
  const Finding sure{.name = "r", .value = 0.999, .low = 0.998, .high = 1.0, .goal = 0.995};
  report.suites[0].findings = {finding, sure};
  const auto json = ToJson(report)["suites"][0]["findings"];
  EXPECT_EQ(json[0]["met"], "undecided");
  EXPECT_EQ(json[1]["met"], true);
}

TEST(RecordTest, RefusesOtherFiles) {
  const auto refused = IsError(absl::StatusCode::kInvalidArgument, "REPORT_UNREADABLE");
  EXPECT_THAT(ReportFromJson("no json").status(), refused);
  EXPECT_THAT(ReportFromJson("[]").status(), refused);
  EXPECT_THAT(ReportFromJson(R"({"tesseraBench": 99})").status(), refused);
  EXPECT_THAT(ReportFromJson(R"({"tesseraBench": 1, "started": 5})").status(), refused);
}

}  // namespace
}  // namespace tessera::bench
