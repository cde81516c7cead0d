// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_MODELS_LIST_COMMAND_H_
#define TESSERA_CLI_MODELS_LIST_COMMAND_H_

#include <tessera/model/v1/model_service.pb.h>

#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera models list`: what the engine has, and what of it is in memory.
class ListModelsCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  void Print(Session& session, const model::v1::ListModelsResponse& response) const;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_LIST_COMMAND_H_
