// SPDX-License-Identifier: Apache-2.0
//
// `tessera models create` and `quantise`: models made from files, or from other models.
#ifndef TESSERA_CLI_MODELS_CREATE_COMMAND_H_
#define TESSERA_CLI_MODELS_CREATE_COMMAND_H_

#include <tessera/model/v1/model_service.pb.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/commands/command.h"
#include "cli/models/transfer_display.h"

namespace tessera::cli {

class CreateModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  absl::Status Create(Session& session);
  // What the command line and the Modelfile say, without the files.
  absl::StatusOr<model::v1::CreateModelRequest> MakeRequest(Session& session);
  // Uploads `sources` and adds them to `files`.
  absl::Status AddFiles(Session& session, const Connection& connection, TransferDisplay& display,
                        const std::vector<std::string>& sources,
                        google::protobuf::RepeatedPtrField<model::v1::ModelFile>* files);

  std::string name_;
  std::string modelfile_path_;
  std::string from_;
  std::string quantise_;
  std::string base_folder_ = ".";  // Where relative paths begin.
  std::vector<std::string> sources_;
  std::vector<std::string> adapters_;
};

class QuantiseModelCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& models) override;
  int Run(Session& session) override;

 private:
  std::string source_;
  std::string name_;
  std::string type_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_MODELS_CREATE_COMMAND_H_
