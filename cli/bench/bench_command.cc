// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/bench_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/time/clock.h"
#include "cli/bench/run/environment.h"
#include "cli/bench/run/interrupt_watch.h"
#include "cli/bench/statistics/baseline.h"
#include "cli/bench/view/html_page.h"
#include "cli/bench/view/tables.h"
#include "cli/local_file.h"
#include "common/status/status_macros.h"

namespace tessera::bench {
namespace {

constexpr size_t kLargestReport = size_t{256} << 20;

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera bench                                  (functional, text, vision and load)\n"
    "  tessera bench functional\n"
    "  tessera bench text --ollama-url http://127.0.0.1:11434 --runs 20\n"
    "  tessera bench text --save today.json --baseline yesterday.json\n"
    "  tessera bench --html report.html\n"
    "  tessera bench text --json | jq '.suites[0].findings'\n"
    "  tessera bench --from monday.json tuesday.json --html week.html\n"
    "\n"
    "Ctrl-C ends measuring, not the command: what was measured is shown and kept. Exit code 1:\n"
    "a check failed, or something is worse than the baseline.";

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

bool AnyFailed(const Report& report) {
  for (const SuiteRecord& suite : report.suites) {
    for (const Check& check : suite.checks) {
      if (check.outcome == Outcome::kFailed) return true;
    }
  }
  return false;
}

}  // namespace

BenchCommand::BenchCommand() {
  entries_.push_back({MakeFunctionalSuite(), true});
  entries_.push_back({MakeTextSuite(), true});
  entries_.push_back({MakeVisionSuite(), true});
  entries_.push_back({MakeLoadSuite(), true});
  entries_.push_back({MakeCompareSuite(), false});
  entries_.push_back({MakeTuneSuite(), false});
}

CLI::App* BenchCommand::Declare(CLI::App& program) {
  CLI::App* const app = program.add_subcommand("bench", "Measure a deployment, and compare models");
  app->add_option("--model", options_.model, "Model to measure; the server has defaults");
  app->add_option("--runs", options_.runs, "Rounds; each suite has its own number")
      ->check(CLI::Range(1, 100'000));
  app->add_option("--ollama-url", options_.ollama_url,
                  "The engine behind the deployment, asked directly beside it")
      ->type_name("URL");
  app->add_option("--metrics-url", options_.metrics_url, "A service's metrics page, looked at")
      ->type_name("URL");
  app->add_option("--save", save_path_, "Keep every sample and the environment in this file")
      ->type_name("FILE");
  app->add_option("--html", html_path_, "Write a page with plots, which needs nothing else")
      ->type_name("FILE");
  app->add_option("--baseline", baseline_path_, "Say what is better or worse than in this file")
      ->type_name("FILE");
  app->add_option("--from", from_paths_,
                  "Measure nothing: show, draw and compare what these files of --save hold")
      ->type_name("FILE");
  app->require_subcommand(0, 1);
  app->fallthrough();
  app->footer(kExamples);
  for (Entry& entry : entries_) {
    entry.declared = entry.suite->Declare(*app);
    entry.declared->fallthrough();
  }
  return app;
}

std::vector<Suite*> BenchCommand::Chosen() const {
  std::vector<Suite*> chosen;
  for (const Entry& entry : entries_) {
    if (entry.declared->parsed()) return {entry.suite.get()};
    if (entry.in_full_run) chosen.push_back(entry.suite.get());
  }
  return chosen;
}

absl::Status BenchCommand::RunSuites(Bench& bench, Report& report) {
  absl::Status status;
  for (Suite* const suite : Chosen()) {
    SuiteRecord& record = report.suites.emplace_back();
    status = suite->Run(bench, record);
    bench.progress.End();
    record.interrupted = bench.stop.raised();
    if (bench.stop.raised()) return absl::OkStatus();
    if (!status.ok()) break;
  }
  return status;
}

absl::Status BenchCommand::Deliver(cli::Session& session, Report& report) {
  if (!baseline_path_.empty()) {
    TESSERA_ASSIGN_OR_RETURN(const std::string text, cli::ReadFile(baseline_path_, kLargestReport));
    TESSERA_ASSIGN_OR_RETURN(const Report baseline, ReportFromJson(text));
    report.suites.push_back(CompareWithBaseline(report, baseline));
  }
  const nlohmann::ordered_json document = ToJson(report);
  if (session.options().json) {
    session.PrintDocument(document);
  } else {
    for (const SuiteRecord& suite : report.suites) {
      session.terminal().Out(SuiteTables(suite, session.terminal().out_pen()));
    }
  }
  if (!save_path_.empty()) {
    TESSERA_RETURN_IF_ERROR(cli::WriteFile(save_path_, document.dump(1) + "\n"));
  }
  if (html_path_.empty()) return absl::OkStatus();
  return cli::WriteFile(html_path_, HtmlPage(report));
}

absl::StatusOr<Report> BenchCommand::Kept() const {
  Report all;
  for (const std::string& path : from_paths_) {
    TESSERA_ASSIGN_OR_RETURN(const std::string text, cli::ReadFile(path, kLargestReport));
    TESSERA_ASSIGN_OR_RETURN(Report one, ReportFromJson(text));
    if (all.suites.empty()) all.environment = one.environment;
    // RFC 3339 sorts as text.
    if (all.started.empty() || one.started < all.started) all.started = one.started;
    all.finished = std::max(all.finished, one.finished);
    for (SuiteRecord& suite : one.suites) all.suites.push_back(std::move(suite));
  }
  return all;
}

int BenchCommand::Run(cli::Session& session) {
  const cli::FailedAction action{.what = "bench"};
  if (!from_paths_.empty()) {
    auto kept = Kept();
    if (!kept.ok()) return session.Fail(kept.status(), action);
    const absl::Status shown = Deliver(session, *kept);
    if (!shown.ok()) return session.Fail(shown, action);
    return AnyFailed(*kept) ? cli::kExitFailed : cli::kExitOk;
  }
  StopFlag stop;
  BenchProgress progress(session);
  auto front = session.Connect(session.options().address);
  if (!front.ok()) return session.Fail(front.status(), action);
  Bench bench{.session = session,
              .options = options_,
              .front = *std::move(front),
              .inference = std::nullopt,
              .stop = stop,
              .progress = progress};
  if (!session.options().inference_address.empty()) {
    auto inference = session.Connect(session.options().inference_address);
    if (!inference.ok()) return session.Fail(inference.status(), action);
    bench.inference = *std::move(inference);
  }
  session.terminal().progress().Hide();
  Report report;
  report.started = TimeText(absl::Now());
  absl::Status measured;
  {
    InterruptWatch watch(session.interrupt(), stop);
    measured = RunSuites(bench, report);
  }
  // Afterwards: by now the models that were measured are in memory.
  if (!stop.raised()) report.environment = DescribeEnvironment(bench);
  report.finished = TimeText(absl::Now());
  const absl::Status delivered = Deliver(session, report);
  if (stop.raised()) {
    session.terminal().Err("interrupted: measured so far is shown above\n");
    return session.interrupt().exit_code();
  }
  if (!measured.ok()) return session.Fail(measured, action);
  if (!delivered.ok()) return session.Fail(delivered, action);
  return AnyFailed(report) ? cli::kExitFailed : cli::kExitOk;
}

}  // namespace tessera::bench
