// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_MODELS_PULL_COMMAND_H_
#define TESSERA_CLI_MODELS_PULL_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera models pull`: the engine fetches models from its registry.
class PullModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  absl::Status Pull(Session& session, const Connection& connection, const std::string& model);

  std::vector<std::string> models_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_PULL_COMMAND_H_
