// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/record/record.h"
#include "common/status/error.h"

namespace tessera::bench {

// Found by argument-dependent lookup, so not in the unnamed namespace.
NLOHMANN_JSON_SERIALIZE_ENUM(Better, {{Better::kNeither, "neither"},
                                      {Better::kHigher, "higher"},
                                      {Better::kLower, "lower"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Role, {{Role::kTable, "table"},
                                    {Role::kHeadline, "headline"},
                                    {Role::kStage, "stage"}})
NLOHMANN_JSON_SERIALIZE_ENUM(Outcome, {{Outcome::kPassed, "passed"},
                                       {Outcome::kFailed, "failed"},
                                       {Outcome::kSkipped, "skipped"}})

namespace {

using nlohmann::ordered_json;

constexpr int kVersion = 1;

template <typename T>
void Put(ordered_json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

std::optional<double> Number(const ordered_json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return json.at(key).get<double>();
}

// True, false or "undecided".
ordered_json MetJson(GoalOutcome outcome) {
  if (outcome == GoalOutcome::kUndecided) return "undecided";
  return outcome == GoalOutcome::kMet;
}

ordered_json ToJson(const Finding& finding) {
  ordered_json json = {{"name", finding.name}, {"value", finding.value}, {"unit", finding.unit}};
  Put(json, "low", finding.low);
  Put(json, "high", finding.high);
  Put(json, "goal", finding.goal);
  json["better"] = finding.better;
  if (!finding.text.empty()) json["text"] = finding.text;
  if (const auto outcome = finding.Judge()) json["met"] = MetJson(*outcome);
  return json;
}

ordered_json ToJson(const SuiteRecord& suite) {
  ordered_json json = {{"suite", suite.name}, {"options", suite.options}};
  if (!suite.x_name.empty()) json["xName"] = suite.x_name;
  json["interrupted"] = suite.interrupted;
  for (const Finding& finding : suite.findings) json["findings"].push_back(ToJson(finding));
  for (const std::string& note : suite.notes) json["notes"].push_back(note);
  for (const Check& check : suite.checks) {
    json["checks"].push_back({{"name", check.name},
                              {"outcome", check.outcome},
                              {"detail", check.detail},
                              {"seconds", check.seconds}});
  }
  for (const Metric& metric : suite.metrics) {
    json["metrics"].push_back({{"name", metric.name},
                               {"unit", metric.unit},
                               {"better", metric.better},
                               {"role", metric.role}});
  }
  for (const Condition& condition : suite.conditions) {
    ordered_json one = {{"name", condition.name}, {"series", condition.series}};
    Put(one, "x", condition.x);
    json["conditions"].push_back(std::move(one));
  }
  for (const Sample& sample : suite.samples) {
    json["samples"].push_back({{"condition", sample.condition},
                               {"metric", sample.metric},
                               {"round", sample.round},
                               {"value", sample.value}});
  }
  return json;
}

const ordered_json& ListOf(const ordered_json& json, const char* key) {
  static const ordered_json kNone = ordered_json::array();
  return json.contains(key) ? json.at(key) : kNone;
}

SuiteRecord SuiteFrom(const ordered_json& json) {
  SuiteRecord suite;
  suite.name = json.at("suite");
  suite.options = json.at("options");
  suite.x_name = json.value("xName", "");
  suite.interrupted = json.value("interrupted", false);
  for (const auto& one : ListOf(json, "findings")) {
    suite.findings.push_back({.name = one.at("name"),
                              .value = one.at("value").get<double>(),
                              .low = Number(one, "low"),
                              .high = Number(one, "high"),
                              .unit = one.at("unit"),
                              .goal = Number(one, "goal"),
                              .better = one.at("better").get<Better>(),
                              .text = one.value("text", "")});
  }
  for (const auto& one : ListOf(json, "notes")) suite.notes.push_back(one);
  for (const auto& one : ListOf(json, "checks")) {
    suite.checks.push_back({one.at("name"), one.at("outcome").get<Outcome>(), one.at("detail"),
                            one.at("seconds").get<double>()});
  }
  for (const auto& one : ListOf(json, "metrics")) {
    suite.metrics.push_back({one.at("name"), one.at("unit"), one.at("better").get<Better>(),
                             one.at("role").get<Role>()});
  }
  for (const auto& one : ListOf(json, "conditions")) {
    suite.conditions.push_back({one.at("name"), one.at("series"), Number(one, "x")});
  }
  for (const auto& one : ListOf(json, "samples")) {
    suite.samples.push_back({one.at("condition"), one.at("metric"), one.at("round").get<int>(),
                             one.at("value").get<double>()});
  }
  return suite;
}

absl::Status Unreadable(std::string_view why) {
  return MakeError(absl::StatusCode::kInvalidArgument, "REPORT_UNREADABLE",
                   "this is no report of `tessera bench --json`: " + std::string(why));
}

}  // namespace

ordered_json ToJson(const Report& report) {
  ordered_json json = {{"tesseraBench", kVersion},
                       {"started", report.started},
                       {"finished", report.finished},
                       {"environment", report.environment},
                       {"suites", ordered_json::array()}};
  for (const SuiteRecord& suite : report.suites) json["suites"].push_back(ToJson(suite));
  return json;
}

absl::StatusOr<Report> ReportFromJson(std::string_view text) {
  const ordered_json json = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return Unreadable("it is not JSON");
  if (json.value("tesseraBench", 0) != kVersion) return Unreadable("its version is another one");
  // The library tells of missing members and wrong types by throwing only.
  try {
    Report report;
    report.started = json.at("started");
    report.finished = json.at("finished");
    report.environment = json.at("environment");
    for (const auto& suite : json.at("suites")) report.suites.push_back(SuiteFrom(suite));
    return report;
  } catch (const nlohmann::json::exception& error) {
    return Unreadable(error.what());
  }
}

}  // namespace tessera::bench
