// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/experiments_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/bench/ask/ollama_asker.h"
#include "cli/bench/statistics/proportion.h"
#include "cli/experiment_series.h"
#include "cli/text_table.h"

namespace tessera::cli {
namespace {

std::string Number(double value) { return fmt::format("{:.0f}", value); }

std::string Quotient(double above, double below, const char* unit) {
  return below > 0 ? fmt::format("{:.2f} {}", above / below, unit) : "-";
}

nlohmann::ordered_json ToDocument(const ExperimentView& view) {
  nlohmann::ordered_json document = {{"experiment", view.name}};
  for (const ExperimentSide& side : view.sides) {
    document["models"].push_back({{"model", side.model},
                                  {"answered", side.answered},
                                  {"failed", side.failed},
                                  {"seconds", side.seconds},
                                  {"outputTokens", side.output_tokens}});
  }
  if (!view.shadows.empty()) document["shadows"] = view.shadows;
  return document;
}

}  // namespace

CLI::App* ExperimentsCommand::Declare(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("experiments", "What models on trial have shown so far");
  app->add_option("--metrics-url", url_, "Metrics page of tessera-inference")
      ->envname("TESSERA_INFERENCE_METRICS_URL")
      ->type_name("URL")
      ->capture_default_str();
  app->footer(
      "Examples:\n"
      "  tessera experiments\n"
      "  tessera experiments --metrics-url http://gpu-host:9101\n"
      "  tessera experiments --json | jq .shadows\n"
      "\n"
      "Experiments are set with --experiment of tessera-inference. Figures count from its start.");
  return app;
}

int ExperimentsCommand::Run(Session& session) {
  const std::string url = url_ + (url_.ends_with("/metrics") ? "" : "/metrics");
  const auto page = bench::Fetch(url, session.options().timeout);
  if (!page.ok()) return session.Fail(page.status(), {.what = "read " + url});
  const std::vector<ExperimentView> views = ReadExperiments(*page);
  if (views.empty()) session.Warn("no experiment is set; see --experiment of tessera-inference");
  TextTable table({"EXPERIMENT", "MODEL", "ANSWERED", "FAILED", "MEAN TIME", "TOKENS/S"});
  std::string agreement;
  for (const ExperimentView& view : views) {
    if (session.options().json) {
      session.PrintDocument(ToDocument(view));
      continue;
    }
    for (const ExperimentSide& side : view.sides) {
      table.Add({view.name, side.model, Number(side.answered), Number(side.failed),
                 Quotient(side.seconds, side.answered, "s"),
                 Quotient(side.output_tokens, side.seconds, "")});
    }
    const auto count = [&](const char* result) {
      const auto found = view.shadows.find(result);
      return found == view.shadows.end() ? size_t{0} : static_cast<size_t>(found->second);
    };
    if (view.shadows.empty()) continue;
    const bench::Proportion same =
        bench::MakeProportion(count("same"), count("same") + count("different"));
    agreement += fmt::format(
        "{}: same answer in {} of {} ({:.1f} %, 95 %: {:.1f} to {:.1f}), {} failed, {} dropped\n",
        view.name, same.hits, same.trials, same.share * 100, same.low * 100, same.high * 100,
        count("failed"), count("dropped"));
  }
  if (session.options().json || views.empty()) return kExitOk;
  Terminal& terminal = session.terminal();
  terminal.Out(terminal.out_is_terminal() ? table.Aligned(terminal.out_pen()) : table.Plain());
  terminal.Out(agreement);
  return kExitOk;
}

}  // namespace tessera::cli
