// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/view/tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/bench/statistics/distribution.h"
#include "cli/bench/view/figure_text.h"
#include "cli/terminal/safe_text.h"
#include "cli/text_table.h"

namespace tessera::bench {
namespace {

using cli::Ink;
using cli::Pen;
using cli::TextTable;

std::string Checks(const SuiteRecord& suite, const Pen& pen) {
  if (suite.checks.empty()) return "";
  size_t width = 0, passed = 0, failed = 0, skipped = 0;
  for (const Check& check : suite.checks) width = std::max(width, check.name.size());
  std::string text;
  for (const Check& check : suite.checks) {
    const bool ok = check.outcome == Outcome::kPassed;
    const bool bad = check.outcome == Outcome::kFailed;
    (ok ? passed : bad ? failed : skipped) += 1;
    text +=
        fmt::format("  {}  {:<{}}  {:>7.2f} s  {}\n",
                    pen(ok    ? Ink::kGreen
                        : bad ? Ink::kRed
                              : Ink::kDim,
                        ok    ? "pass"
                        : bad ? "FAIL"
                              : "skip"),
                    check.name, width, check.seconds, cli::SafeWord(check.detail.substr(0, 120)));
  }
  return text + fmt::format("  {} passed, {} failed, {} skipped\n", passed, failed, skipped);
}

std::string Measurements(const SuiteRecord& suite, const Pen& pen) {
  std::string text;
  for (const Metric& metric : suite.metrics) {
    TextTable table({"", "N", "MEAN", "P50", "P90", "P99", "RANGE"});
    bool any = false;
    for (const Condition& condition : suite.conditions) {
      const Distribution found = Describe(suite.Values(condition.name, metric.name));
      if (found.count == 0) continue;
      any = true;
      table.Add({condition.name, fmt::to_string(found.count), FigureText(found.mean),
                 FigureText(found.p50), FigureText(found.p90), FigureText(found.p99),
                 fmt::format("{} - {}", FigureText(found.min), FigureText(found.max))});
    }
    if (!any) continue;
    text += fmt::format("\n{}{}\n", pen(Ink::kBold, metric.name),
                        metric.unit.empty() || metric.name.find(metric.unit) != std::string::npos
                            ? ""
                            : ", " + metric.unit);
    text += table.Aligned(pen);
  }
  return text;
}

}  // namespace

std::string SuiteTables(const SuiteRecord& suite, const Pen& pen) {
  std::string text = pen(Ink::kBold, fmt::format("== {} ==", suite.name)) + "\n";
  text += Checks(suite, pen);
  text += Measurements(suite, pen);
  if (!suite.findings.empty()) text += "\n";
  for (const Finding& finding : suite.findings) {
    const auto outcome = finding.Judge();
    const std::string line = fmt::format("  {}: {}\n", finding.name, FindingText(finding));
    text += !outcome                              ? line
            : *outcome == GoalOutcome::kMet       ? pen(Ink::kGreen, line)
            : *outcome == GoalOutcome::kUndecided ? pen(Ink::kDim, line)
                                                  : pen(Ink::kYellow, line);
  }
  for (const std::string& note : suite.notes) text += pen(Ink::kDim, "  note: " + note) + "\n";
  if (suite.interrupted) text += pen(Ink::kYellow, "  interrupted: what was measured is shown\n");
  return text + "\n";
}

}  // namespace tessera::bench
