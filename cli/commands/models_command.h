// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_MODELS_COMMAND_H_
#define TESSERA_CLI_COMMANDS_MODELS_COMMAND_H_

#include <memory>
#include <utility>
#include <vector>

#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera models ...`: one word more says what to do with the engine's models; none lists them.
class ModelsCommand : public Command {
 public:
  ModelsCommand();

  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  // The first one is the default.
  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_MODELS_COMMAND_H_
