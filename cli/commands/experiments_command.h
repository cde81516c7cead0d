// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_EXPERIMENTS_COMMAND_H_
#define TESSERA_CLI_COMMANDS_EXPERIMENTS_COMMAND_H_

#include <string>

#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera experiments`: what the experiments of a tessera-inference have shown so far, from its
// metrics.
class ExperimentsCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  std::string url_ = "http://127.0.0.1:9101";
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_EXPERIMENTS_COMMAND_H_
