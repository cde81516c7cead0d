// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/models_command.h"

#include <CLI/CLI.hpp>

#include "cli/models/create_command.h"
#include "cli/models/fit_command.h"
#include "cli/models/list_command.h"
#include "cli/models/memory_commands.h"
#include "cli/models/name_commands.h"
#include "cli/models/pull_command.h"
#include "cli/models/show_command.h"

namespace tessera::cli {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  tessera models\n"
    "  tessera models running\n"
    "  tessera models pull qwen3-vl:4b\n"
    "  tessera models fit qwen3-vl:4b --vram 8GiB\n"
    "  tessera models create support-bot -f Modelfile\n"
    "  tessera models quantise llama3.2:3b-instruct-fp16 llama3.2:q4 --type q4_K_M\n"
    "  tessera models pull --help\n"
    "\n"
    "Everything but list, show, running and fit changes what everybody uses, and needs a\n"
    "tessera-inference that was started with --model-admin=allow.";

}  // namespace

ModelsCommand::ModelsCommand() {
  const auto add = [this](std::unique_ptr<Command> command) {
    commands_.emplace_back(nullptr, std::move(command));
  };
  add(std::make_unique<ListModelsCommand>());
  add(std::make_unique<ShowModelCommand>());
  add(std::make_unique<RunningModelsCommand>());
  add(std::make_unique<FitCommand>());
  add(std::make_unique<LoadModelCommand>());
  add(std::make_unique<UnloadModelCommand>());
  add(std::make_unique<PullModelCommand>());
  add(std::make_unique<CreateModelCommand>());
  add(std::make_unique<QuantiseModelCommand>());
  add(std::make_unique<CopyModelCommand>());
  add(std::make_unique<DeleteModelCommand>());
}

CLI::App* ModelsCommand::Declare(CLI::App& program) {
  CLI::App* const app =
      program.add_subcommand("models", "List, fetch, make, fit, load and remove models");
  app->require_subcommand(0, 1);
  app->footer(kExamples);
  for (auto& [declared, command] : commands_) declared = command->Declare(*app);
  return app;
}

int ModelsCommand::Run(Session& session) {
  for (const auto& [declared, command] : commands_) {
    if (declared->parsed()) return command->Run(session);
  }
  return commands_.front().second->Run(session);
}

}  // namespace tessera::cli
