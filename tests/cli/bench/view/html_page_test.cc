// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/view/html_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/bench/view/figure_text.h"
#include "cli/bench/view/svg_plot.h"

namespace tessera::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Report MadeUp() {
  Report report{.started = "2026-01-01T00:00:00Z"};
  SuiteRecord& suite = report.suites.emplace_back();
  suite.name = "vision";
  suite.x_name = "side, px";
  suite.metrics = {{"total", "ms", Better::kLower, Role::kHeadline},
                   {"decode", "ms", Better::kLower, Role::kStage}};
  for (const double side : {224.0, 768.0}) {
    const std::string name = std::to_string(static_cast<int>(side)) + " <px>";
    suite.Declare({name, "JPEG", side});
    for (int round = 0; round < 5; ++round) {
      suite.Add(name, "total", round, side + round);
      suite.Add(name, "decode", round, side / 2);
    }
  }
  suite.findings = {{.name = "ratio", .value = 0.9, .low = 0.8, .high = 0.95, .goal = 0.995}};
  suite.checks = {{"health & more", Outcome::kFailed, "<why>", 0.1}};
  return report;
}

TEST(HtmlPageTest, NeedsNothingElse) {
  const std::string page = HtmlPage(MadeUp());
  for (const char* foreign : {"<script", "src=", "@import", "url(", "<link"}) {
    EXPECT_THAT(page, Not(HasSubstr(foreign)));
  }
  EXPECT_THAT(page, HasSubstr("prefers-color-scheme:dark"));
}

TEST(HtmlPageTest, DrawsEachKindOfPlot) {
  const std::string page = HtmlPage(MadeUp());
  EXPECT_THAT(page, HasSubstr("total: every sample"));
  EXPECT_THAT(page, HasSubstr("total (median, 10 to 90 %)"));
  EXPECT_THAT(page, HasSubstr("Where the time goes"));
  EXPECT_THAT(page, HasSubstr("missed"));
}

TEST(HtmlPageTest, EscapesWhatComesFromOutside) {
  const std::string page = HtmlPage(MadeUp());
  EXPECT_THAT(page, HasSubstr("health &amp; more"));
  EXPECT_THAT(page, Not(HasSubstr("<why>")));
  EXPECT_THAT(page, Not(HasSubstr("224 <px>")));
}

TEST(SvgPlotTest, HasRoundTicks) {
  EXPECT_THAT(AxisTicks(0, 100, 5), ElementsAre(0, 20, 40, 60, 80, 100));
  EXPECT_THAT(AxisTicks(0, 0, 5).size(), ::testing::Ge(2));
  EXPECT_GE(AxisTicks(0, 0.037, 6).back(), 0.037);
}

TEST(FigureTextTest, SaysWhereAGoalIsUndecided) {
  const Finding wide{.value = 0.99, .low = 0.9, .high = 1.1, .goal = 0.995};
  EXPECT_THAT(FindingText(wide), HasSubstr("undecided"));
  const Finding narrow{.value = 0.99, .low = 0.98, .high = 0.992, .goal = 0.995};
  EXPECT_THAT(FindingText(narrow), HasSubstr("missed"));
}

TEST(FigureTextTest, ShowsDigitsWorthReading) {
  EXPECT_EQ(FigureText(1234567), "1,234,567");
  EXPECT_EQ(FigureText(-12345.6), "-12,346");
  EXPECT_EQ(FigureText(345.21), "345.2");
  EXPECT_EQ(FigureText(32.17), "32.17");
  EXPECT_EQ(FigureText(1.0042), "1.004");
  EXPECT_EQ(FigureText(0.9977), "0.9977");
  EXPECT_EQ(FigureText(0), "0");
}

}  // namespace
}  // namespace tessera::bench
