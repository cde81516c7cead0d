// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/view/html_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cli/bench/statistics/distribution.h"
#include "cli/bench/view/figure_text.h"
#include "cli/bench/view/svg_plot.h"

namespace tessera::bench {
namespace {

constexpr char kStyle[] = R"(
:root{color-scheme:light dark;--page:#fcfcfb;--card:#fff;--ink:#1b1f24;--dim:#5b6570;--grid:#e3e6e8;
--good:#1a7f37;--bad:#b42318;--s1:#2f6fbb;--s2:#d9731a;--s3:#2b8a5a;--s4:#8a4fbf;--s5:#b8891b;
--s6:#5f6b76;--s7:#b0457b}
@media(prefers-color-scheme:dark){:root{--page:#14171a;--card:#1c2024;--ink:#e7eaed;--dim:#9aa5b1;
--grid:#333a41;--good:#57c07a;--bad:#ff8f84;--s1:#6ba8ec;--s2:#f0a05a;--s3:#5cc48e;--s4:#bb8ff0;
--s5:#e0bb55;--s6:#98a4b0;--s7:#e58fb8}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:880px;margin:0 auto;padding:24px 16px 60px}
h1{font-size:26px;margin:0 0 4px}h2{font-size:20px;margin:36px 0 8px}h2::first-letter{text-transform:uppercase}
h2 small{font-size:14px;font-weight:400;color:var(--dim);overflow-wrap:anywhere}
h3{font-size:15px;margin:22px 0 6px}
section{border-top:1px solid var(--grid)}
p{margin:6px 0}.dim{color:var(--dim);fill:var(--dim)}
.good{color:var(--good)}.bad{color:var(--bad);font-weight:600}
.plot,.wide{background:var(--card);border:1px solid var(--grid);border-radius:8px;padding:10px 12px;
overflow-x:auto}
svg{display:block;width:100%;min-width:560px;height:auto;font:12px system-ui,sans-serif}
svg text{fill:var(--ink)}svg text.dim{fill:var(--dim)}
table{border-collapse:collapse;width:100%;font-size:13px;font-variant-numeric:tabular-nums}
td,th{text-align:right;padding:4px 8px;border-bottom:1px solid var(--grid);white-space:nowrap}
td:first-child,th:first-child{text-align:left;white-space:normal}
th{color:var(--dim);font-weight:500}.text td{text-align:left;white-space:normal}
details{margin:10px 0}summary{cursor:pointer;color:var(--dim)}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:12px}
@media print{.plot,.wide{break-inside:avoid}}
)";

std::string Plot(const std::string& title, const std::string& svg) {
  return fmt::format("<h3>{}</h3><div class=\"plot\">{}</div>\n", Escaped(title), svg);
}

std::string WithUnit(const Metric& metric) {
  if (metric.unit.empty() || metric.name.find(metric.unit) != std::string::npos) {
    return metric.name;
  }
  return fmt::format("{}, {}", metric.name, metric.unit);
}

std::string Findings(const SuiteRecord& suite) {
  if (suite.findings.empty()) return "";
  std::string html = "<div class=\"wide\"><table class=\"text\">";
  for (const Finding& finding : suite.findings) {
    const auto outcome = finding.Judge();
    const bool told = outcome && *outcome != GoalOutcome::kUndecided;
    html += fmt::format("<tr><td>{}</td><td{}>{}</td></tr>", Escaped(finding.name),
                        !told                           ? ""
                        : *outcome == GoalOutcome::kMet ? " class=\"good\""
                                                        : " class=\"bad\"",
                        Escaped(FindingText(finding)));
  }
  return html + "</table></div>\n";
}

std::string Checks(const SuiteRecord& suite) {
  if (suite.checks.empty()) return "";
  std::map<Outcome, int> counts;
  std::string rows;
  for (const Check& check : suite.checks) {
    ++counts[check.outcome];
    const char* const mark = check.outcome == Outcome::kPassed   ? "<td class=\"good\">pass"
                             : check.outcome == Outcome::kFailed ? "<td class=\"bad\">FAIL"
                                                                 : "<td class=\"dim\">skip";
    rows += fmt::format("<tr><td>{}</td>{}</td><td class=\"dim\">{:.2f} s</td><td>{}</td></tr>",
                        Escaped(check.name), mark, check.seconds, Escaped(check.detail));
  }
  return fmt::format(
      "<p><span class=\"good\">{} passed</span>, <span class=\"{}\">{} failed</span>, <span "
      "class=\"dim\">{} skipped</span></p><div class=\"wide\"><table class=\"text\">{}</table>"
      "</div>\n",
      counts[Outcome::kPassed], counts[Outcome::kFailed] > 0 ? "bad" : "dim",
      counts[Outcome::kFailed], counts[Outcome::kSkipped], rows);
}

std::string Distributions(const SuiteRecord& suite) {
  std::string html;
  for (const Metric& metric : suite.metrics) {
    if (metric.role != Role::kHeadline) continue;
    std::vector<PlotRow> rows;
    bool spread = false;
    for (const Condition& condition : suite.conditions) {
      rows.push_back({condition.name, suite.Values(condition.name, metric.name)});
      if (rows.back().values.empty()) rows.pop_back();
      spread |= !rows.empty() && rows.back().values.size() > 1;
    }
    if (spread) html += Plot(metric.name + ": every sample", BoxPlot(WithUnit(metric), rows));
  }
  return html;
}

// The course of each headline over x, a line for each series.
std::string Courses(const SuiteRecord& suite) {
  std::string html;
  for (const Metric& metric : suite.metrics) {
    if (metric.role != Role::kHeadline) continue;
    std::map<std::string, PlotLine> lines;
    std::vector<std::string> order;
    for (const Condition& condition : suite.conditions) {
      std::vector<double> values = suite.Values(condition.name, metric.name);
      if (!condition.x || values.empty()) continue;
      std::sort(values.begin(), values.end());
      PlotLine& line = lines[condition.series];
      if (line.points.empty()) order.push_back(condition.series);
      line.name = condition.series;
      line.points.push_back({*condition.x, Percentile(values, 0.5), Percentile(values, 0.1),
                             Percentile(values, 0.9), ""});
    }
    std::vector<PlotLine> drawn;
    bool any = false;
    for (const std::string& series : order) {
      drawn.push_back(lines[series]);
      auto& points = drawn.back().points;
      std::sort(points.begin(), points.end(),
                [](const PlotPoint& a, const PlotPoint& b) { return a.x < b.x; });
      any |= points.size() > 1;
    }
    if (!any) continue;
    html += Plot(fmt::format("{} (median, 10 to 90 %)", metric.name),
                 LinePlot(suite.x_name, WithUnit(metric), drawn));
  }
  return html;
}

// Answers per second against latency: where a sweep bends.
std::string LoadCurve(const SuiteRecord& suite) {
  std::vector<PlotLine> lines;
  for (const Condition& condition : suite.conditions) {
    const auto rate = suite.Values(condition.name, "answers per second");
    auto latency = suite.Values(condition.name, "latency");
    if (rate.empty() || latency.empty() || !condition.x) continue;
    std::sort(latency.begin(), latency.end());
    auto line = std::find_if(lines.begin(), lines.end(),
                             [&](const PlotLine& one) { return one.name == condition.series; });
    if (line == lines.end()) line = lines.insert(line, {condition.series, {}});
    // Rates would only repeat what the axis says.
    const bool is_closed = condition.series.starts_with("closed");
    line->points.push_back({rate.front(), Percentile(latency, 0.5), Percentile(latency, 0.5),
                            Percentile(latency, 0.9),
                            is_closed ? fmt::format("{:g}", *condition.x) : ""});
  }
  if (lines.empty()) return "";
  return Plot("Throughput against latency (median, up to 90 %; labels: clients)",
              LinePlot("answers per second", "latency, ms", lines));
}

std::string Stages(const SuiteRecord& suite) {
  std::vector<std::string> parts;
  std::string unit;
  for (const Metric& metric : suite.metrics) {
    if (metric.role != Role::kStage) continue;
    // A stage that never takes time is not worth a colour.
    double sum = 0;
    for (const Condition& condition : suite.conditions) {
      sum += Describe(suite.Values(condition.name, metric.name)).mean;
    }
    if (sum > 0) parts.push_back(metric.name);
    unit = metric.unit;
  }
  if (parts.empty()) return "";
  std::vector<PlotRow> rows;
  for (const Condition& condition : suite.conditions) {
    PlotRow row{condition.name, {}};
    for (const std::string& part : parts) {
      row.values.push_back(Describe(suite.Values(condition.name, part)).mean);
    }
    rows.push_back(std::move(row));
  }
  return Plot("Where the time goes (means)", StackedBars(unit, parts, rows));
}

std::string Tables(const SuiteRecord& suite) {
  std::string html;
  for (const Metric& metric : suite.metrics) {
    std::string rows;
    for (const Condition& condition : suite.conditions) {
      const Distribution found = Describe(suite.Values(condition.name, metric.name));
      if (found.count == 0) continue;
      rows += fmt::format(
          "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
          "<td>{}</td></tr>",
          Escaped(condition.name), found.count, FigureText(found.mean), FigureText(found.p50),
          FigureText(found.p90), FigureText(found.p99), FigureText(found.min),
          FigureText(found.max));
    }
    if (rows.empty()) continue;
    html += fmt::format(
        "<h3>{}</h3><div class=\"wide\"><table><tr><th></th><th>n</th><th>mean</th><th>p50</th>"
        "<th>p90</th><th>p99</th><th>lowest</th><th>highest</th></tr>{}</table></div>",
        Escaped(WithUnit(metric)), rows);
  }
  if (html.empty()) return "";
  return fmt::format("<details><summary>All figures</summary>{}</details>\n", html);
}

// Several suites of one name may stand on a page.
std::string Heading(const SuiteRecord& suite) {
  const auto option = [&](const char* name) {
    const auto found = suite.options.find(name);
    return found != suite.options.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const std::string model = option("model");
  std::string about = model.empty() ? option("a") : model;
  if (!option("b").empty()) about += " / " + option("b");
  return fmt::format("<h2>{}{}</h2>", Escaped(suite.name),
                     about.empty() ? "" : fmt::format(" <small>{}</small>", Escaped(about)));
}

std::string SuiteSection(const SuiteRecord& suite) {
  std::string html = fmt::format("<section>{}\n", Heading(suite));
  if (suite.interrupted) {
    html += "<p class=\"bad\">Interrupted: what was measured until then.</p>";
  }
  html += Findings(suite);
  html += Checks(suite);
  html += LoadCurve(suite);
  html += Courses(suite);
  html += Stages(suite);
  html += Distributions(suite);
  for (const std::string& note : suite.notes) {
    html += fmt::format("<p class=\"dim\">{}</p>", Escaped(note));
  }
  html += Tables(suite);
  return html +
         fmt::format("<details><summary>Settings</summary><pre>{}</pre></details></section>\n",
                     Escaped(suite.options.dump(2)));
}

}  // namespace

std::string HtmlPage(const Report& report) {
  std::string body;
  for (const SuiteRecord& suite : report.suites) body += SuiteSection(suite);
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"><title>tessera bench, {}</title><style>{}"
      "</style></head><body><main>\n<h1>tessera bench</h1><p class=\"dim\">{} to {}</p>\n{}"
      "<section><h2>Environment</h2><div class=\"wide\"><pre>{}</pre></div></section>\n"
      "</main></body></html>\n",
      Escaped(report.started), kStyle, Escaped(report.started), Escaped(report.finished), body,
      Escaped(report.environment.dump(2)));
}

}  // namespace tessera::bench
