// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_MODELS_FIT_COMMAND_H_
#define TESSERA_CLI_MODELS_FIT_COMMAND_H_

#include <tessera/model/v1/model_service.pb.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera models fit`: how much memory a model will take, and what fits.
class FitCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  absl::Status Predict(Session& session, const Connection& connection,
                       model::v1::PredictMemoryResponse& prediction);
  // Loads the model and compares what the engine says with the prediction.
  absl::Status Check(Session& session, const Connection& connection,
                     const model::v1::PredictMemoryResponse& prediction);
  void Print(Session& session, const model::v1::PredictMemoryResponse& prediction) const;

  std::string model_;
  uint64_t vram_bytes_ = 0;
  uint32_t context_tokens_ = 0;
  std::string kv_type_ = "f16";
  uint32_t parallel_ = 1;
  bool no_flash_attention_ = false;
  bool check_ = false;
  std::vector<std::string> with_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_FIT_COMMAND_H_
