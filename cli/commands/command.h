// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_COMMAND_H_
#define TESSERA_CLI_COMMANDS_COMMAND_H_

#include "cli/session.h"

namespace CLI {
class App;
}

namespace tessera::cli {

// One word after `tessera`. Declared once, run at most once.
class Command {
 public:
  virtual ~Command() = default;

  // Adds the command, with its options and examples, to `program`.
  virtual CLI::App* Declare(CLI::App& program) = 0;

  // Does it. Returns the process's exit code; errors have been shown.
  virtual int Run(Session& session) = 0;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_COMMAND_H_
