// SPDX-License-Identifier: Apache-2.0
//
// `tessera models running`, `load` and `unload`: what is in the engine's memory.
#ifndef TESSERA_CLI_MODELS_MEMORY_COMMANDS_H_
#define TESSERA_CLI_MODELS_MEMORY_COMMANDS_H_

#include <tessera/model/v1/model_service.pb.h>

#include <string>

#include "absl/time/time.h"
#include "cli/commands/command.h"

namespace tessera::cli {

class RunningModelsCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;
};

class LoadModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  std::string model_;
  absl::Duration keep_alive_ = absl::ZeroDuration();  // 0: the server's.
  uint32_t context_tokens_ = 0;
};

class UnloadModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  std::string model_;
};

// A table of running models: aligned on a terminal, tabs in a pipe.
std::string RunningTable(Session& session,
                         const google::protobuf::RepeatedPtrField<model::v1::RunningModel>& models);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_MEMORY_COMMANDS_H_
