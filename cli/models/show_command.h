// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_MODELS_SHOW_COMMAND_H_
#define TESSERA_CLI_MODELS_SHOW_COMMAND_H_

#include <tessera/model/v1/model_service.pb.h>

#include <string>

#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera models show`: everything about one model.
class ShowModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  void Print(Session& session, const model::v1::ShowModelResponse& shown) const;

  std::string model_;
  bool modelfile_ = false;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_SHOW_COMMAND_H_
