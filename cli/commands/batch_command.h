// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_BATCH_COMMAND_H_
#define TESSERA_CLI_COMMANDS_BATCH_COMMAND_H_

#include <string>

#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera batch`: items of a file, one JSON document a line, over one stream; results as they are
// ready.
class BatchCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  std::string path_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_BATCH_COMMAND_H_
