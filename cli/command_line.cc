// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench/bench_command.h"
#include "cli/commands/batch_command.h"
#include "cli/commands/classify_command.h"
#include "cli/commands/embed_command.h"
#include "cli/commands/experiments_command.h"
#include "cli/commands/generate_command.h"
#include "cli/commands/health_command.h"
#include "cli/commands/models_command.h"
#include "cli/commands/preprocess_command.h"
#include "cli/exit_code.h"
#include "cli/interrupt.h"
#include "cli/quantities.h"
#include "cli/session.h"
#include "cli/terminal/safe_text.h"
#include "cli/terminal/terminal.h"
#include "common/version.h"

namespace tessera::cli {
namespace {

constexpr char kDescription[] =
    "tessera asks vision and language models through Tessera's services: it sends pictures and\n"
    "prompts to the front door (tessera-preprocess) and shows the answers.\n";

constexpr char kFooter[] =
    "Examples:\n"
    "  tessera classify photo.jpg --labels document,photo,chart,shape\n"
    "  tessera generate \"Describe the picture.\" --picture photo.jpg --stream\n"
    "  tessera preprocess photo.heic small.jpg\n"
    "  tessera --address front.example.org:7000 health\n"
    "  tessera COMMAND --help\n"
    "\n"
    "Output: results on standard output, everything else on standard error. Colours and progress\n"
    "appear on a terminal only; in a pipe there are plain lines. NO_COLOR turns colours off, too.\n"
    "With --json errors are JSON documents as well, on standard error.\n"
    "\n"
    "Exit codes:\n"
    "  0    done\n"
    "  1    the request failed: refused, or the server or the engine failed\n"
    "  2    wrong usage; nothing was sent\n"
    "  3    nobody answers at the address, or the connection was lost\n"
    "  4    no answer in time (--timeout, or a limit of the server)\n"
    "  5    health: the server answers but does not serve\n"
    "  6    a local file, or standard output, could not be read or written\n"
    "  130  Ctrl-C; the request was cancelled, on the server and in the engine too (143: SIGTERM)";

void DeclareGlobals(CLI::App& app, GlobalOptions& options) {
  app.add_option("--address", options.address, "The front door, host:port")
      ->envname("TESSERA_ADDRESS")
      ->capture_default_str();
  app.add_option("--inference-address", options.inference_address,
                 "The GPU host's door, host:port; when given, `health` asks it too")
      ->envname("TESSERA_INFERENCE_ADDRESS");
  app.add_option_function<std::string>(
         "--timeout",
         [&options](const std::string& given) {
           const auto timeout = ParseTimeout(given);
           if (!timeout.ok()) throw CLI::ValidationError(std::string(timeout.status().message()));
           options.timeout = *timeout;
           options.timeout_given = true;
         },
         "Longest time for one request: 90s, 2m, 1m30s")
      ->envname("TESSERA_TIMEOUT")
      ->type_name("DURATION")
      ->default_str("60s");
  app.add_flag("--json", options.json, "One JSON document per line of result");
  app.add_flag("--timings", options.timings,
               "Time per stage and tokens/s, by each clock, on standard error");
  app.add_flag("-v,--verbose", options.verbose, "As --timings, and more about errors");
  app.add_flag("--no-color", options.no_color, "No colours on a terminal");
}

// CLI11's own exit codes start at 100 and say nothing to a script.
int ReportParse(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(error);
  const auto used = app.get_subcommands();
  const std::string command = used.empty() ? "" : used.front()->get_name() + " ";
  std::string message = error.what();
  if (used.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const auto unknown = app.remaining();
    message = unknown.empty() ? "name a command: classify, generate, embed, batch, preprocess, "
                                "models, bench, experiments or health"
                              : fmt::format("there is no command or option {}", unknown.front());
  }
  std::fprintf(stderr, "error: %s\nSee `tessera %s--help`.\n", SafeWord(message).c_str(),
               command.c_str());
  return kExitUsage;
}

int RunCommand(Command& command, const GlobalOptions& options) {
  Terminal terminal(options.no_color);
  Interrupt interrupt([&terminal] { terminal.progress().Hide(); });
  Session session(options, terminal, interrupt);
  const int code = command.Run(session);
  terminal.progress().Hide();
  if (code == kExitOk && !terminal.output_status().ok()) {
    return session.Fail(terminal.output_status(), {.what = "write the result"});
  }
  return code;
}

}  // namespace

int RunCommandLine(int argc, const char* const* argv) {
  CLI::App app(kDescription, "tessera");
  GlobalOptions options;
  DeclareGlobals(app, options);
  app.set_version_flag("--version", "tessera " TESSERA_VERSION, "Print the version and exit");
  app.footer(kFooter);
  app.require_subcommand(1);
  // Options of all commands may also follow the command.
  app.fallthrough();
  app.get_formatter()->column_width(34);

  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands;
  const auto add = [&](std::unique_ptr<Command> command) {
    CLI::App* const declared = command->Declare(app);
    commands.emplace_back(declared, std::move(command));
  };
  add(std::make_unique<ClassifyCommand>());
  add(std::make_unique<GenerateCommand>());
  add(std::make_unique<EmbedCommand>());
  add(std::make_unique<BatchCommand>());
  add(std::make_unique<PreprocessCommand>());
  add(std::make_unique<ModelsCommand>());
  add(std::make_unique<bench::BenchCommand>());
  add(std::make_unique<ExperimentsCommand>());
  add(std::make_unique<HealthCommand>());

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ReportParse(app, error);
  }
  for (auto& [declared, command] : commands) {
    if (declared->parsed()) return RunCommand(*command, options);
  }
  return kExitUsage;
}

}  // namespace tessera::cli
