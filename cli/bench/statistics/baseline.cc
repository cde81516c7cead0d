// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/baseline.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/bench/statistics/ratio.h"

namespace tessera::bench {
namespace {

constexpr double kError = 0.05;
constexpr double kMargin = 0.02;
constexpr size_t kFewestValues = 3;

struct Comparison {
  std::string name;
  const Metric* metric;
  std::vector<double> now, before;
};

const SuiteRecord* FindSuite(const Report& report, const std::string& name) {
  const auto found = std::find_if(report.suites.begin(), report.suites.end(),
                                  [&](const SuiteRecord& suite) { return suite.name == name; });
  return found == report.suites.end() ? nullptr : &*found;
}

std::vector<Comparison> Comparable(const Report& now, const Report& baseline) {
  std::vector<Comparison> all;
  for (const SuiteRecord& suite : now.suites) {
    const SuiteRecord* const old = FindSuite(baseline, suite.name);
    if (old == nullptr) continue;
    for (const Metric& metric : suite.metrics) {
      if (metric.better == Better::kNeither) continue;
      for (const Condition& condition : suite.conditions) {
        Comparison one{fmt::format("{}: {}, {}", suite.name, metric.name, condition.name), &metric,
                       suite.Values(condition.name, metric.name),
                       old->Values(condition.name, metric.name)};
        if (std::min(one.now.size(), one.before.size()) >= kFewestValues) {
          all.push_back(std::move(one));
        }
      }
    }
  }
  return all;
}

}  // namespace

SuiteRecord CompareWithBaseline(const Report& now, const Report& baseline) {
  SuiteRecord record;
  record.name = "baseline";
  record.options["baselineStarted"] = baseline.started;
  const std::vector<Comparison> all = Comparable(now, baseline);
  for (const Comparison& one : all) {
    const double confidence = 1 - kError / static_cast<double>(all.size());
    const RatioEstimate found = UnpairedRatio(one.now, one.before, confidence);
    const bool higher = one.metric->better == Better::kHigher;
    record.findings.push_back({.name = one.name + ", now / before",
                               .value = found.ratio,
                               .low = found.low,
                               .high = found.high,
                               .better = one.metric->better});
    const bool worse = higher ? found.high < 1 && found.ratio < 1 - kMargin
                              : found.low > 1 && found.ratio > 1 + kMargin;
    const bool better = higher ? found.low > 1 && found.ratio > 1 + kMargin
                               : found.high < 1 && found.ratio < 1 - kMargin;
    if (!worse && !better) continue;
    record.checks.push_back({.name = one.name,
                             .outcome = worse ? Outcome::kFailed : Outcome::kPassed,
                             .detail = fmt::format("{} to {:.3f} times [{:.3f}, {:.3f}]",
                                                   worse ? "regressed" : "improved", found.ratio,
                                                   found.low, found.high)});
  }
  record.notes.push_back(
      fmt::format("{} comparisons; all intervals together hold with 95 %", all.size()));
  if (record.checks.empty()) record.notes.push_back("nothing is surely better or worse");
  return record;
}

}  // namespace tessera::bench
