// SPDX-License-Identifier: Apache-2.0
//
// `tessera models copy` and `delete`: the names of models.
#ifndef TESSERA_CLI_MODELS_NAME_COMMANDS_H_
#define TESSERA_CLI_MODELS_NAME_COMMANDS_H_

#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace tessera::cli {

class CopyModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  std::string source_;
  std::string destination_;
};

class DeleteModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  std::vector<std::string> models_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_NAME_COMMANDS_H_
