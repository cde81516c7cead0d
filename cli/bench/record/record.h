// SPDX-License-Identifier: Apache-2.0
//
// What was measured, with every sample: tables, pages and comparisons are made from this and from
// nothing else, so a file that was kept says all that was seen.
#ifndef TESSERA_CLI_BENCH_RECORD_RECORD_H_
#define TESSERA_CLI_BENCH_RECORD_RECORD_H_

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::bench {

enum class Better { kNeither, kHigher, kLower };

// Where a metric is drawn.
enum class Role {
  kTable,     // In the table alone.
  kHeadline,  // Its distribution is plotted, and its course over x.
  kStage,     // A part of a bar that shows where the time went, in the order of the metrics.
};

struct Metric {
  std::string name;  // "first token".
  std::string unit;  // "ms".
  Better better = Better::kNeither;
  Role role = Role::kTable;
};

// What was set, while samples were taken.
struct Condition {
  std::string name;         // Unique in its suite: "directly, 500 tokens".
  std::string series;       // Those of one line in a plot: "directly".
  std::optional<double> x;  // Its place on that line: 500.
};

struct Sample {
  std::string condition;
  std::string metric;
  int round = 0;  // Samples of one round belong together.
  double value = 0;
};

enum class Outcome { kPassed, kFailed, kSkipped };

struct Check {
  std::string name;
  Outcome outcome = Outcome::kPassed;
  std::string detail;
  double seconds = 0;
};

enum class GoalOutcome { kMet, kMissed, kUndecided };

// A conclusion, with the interval that holds the truth with 95 % confidence.
struct Finding {
  std::string name;
  double value = 0;
  std::optional<double> low, high;
  std::string unit;
  std::optional<double> goal;
  Better better = Better::kHigher;
  std::string text;  // In words, where a number does not say it.

  // Met when `value` is on the goal's better side; undecided when the goal lies inside the
  // interval, so that either would be an untruth. Nullopt where there is no goal.
  std::optional<GoalOutcome> Judge() const;
};

struct SuiteRecord {
  std::string name;
  std::string x_name;  // "prompt tokens"; empty where conditions have no x.
  nlohmann::ordered_json options = nlohmann::ordered_json::object();
  std::vector<Metric> metrics;
  std::vector<Condition> conditions;
  std::vector<Sample> samples;
  std::vector<Check> checks;
  std::vector<Finding> findings;
  std::vector<std::string> notes;
  bool interrupted = false;

  // Adds the condition where its name is new.
  void Declare(Condition condition);
  void Add(std::string_view condition, std::string_view metric, int round, double value);
  // In the order they were taken.
  std::vector<double> Values(std::string_view condition, std::string_view metric) const;
  // Values of two conditions from the same rounds.
  std::vector<std::pair<double, double>> Pairs(std::string_view first, std::string_view second,
                                               std::string_view metric) const;
};

struct Report {
  std::string started;   // RFC 3339.
  std::string finished;  // The same.
  nlohmann::ordered_json environment = nlohmann::ordered_json::object();
  std::vector<SuiteRecord> suites;
};

nlohmann::ordered_json ToJson(const Report& report);
// INVALID_ARGUMENT, reason REPORT_UNREADABLE, for what ToJson did not write.
absl::StatusOr<Report> ReportFromJson(std::string_view text);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RECORD_RECORD_H_
