// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_CLASSIFY_COMMAND_H_
#define TESSERA_CLI_COMMANDS_CLASSIFY_COMMAND_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/picture_file.h"

namespace tessera::cli {

// `tessera classify`: each picture its own request, or all of them one; a text alone works too.
class ClassifyCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  absl::Status Check();
  absl::Status CheckDescriptions();
  int RunTogether(Session& session, const Connection& connection);
  int RunEach(Session& session, const Connection& connection);
  // Classifies `pictures` in one request, shown as `name`; prints the result or the error.
  int Classify(Session& session, const Connection& connection, const std::string& name,
               const std::vector<PictureFile>& pictures);
  void Print(Session& session, const std::string& name,
             const inference::v1::ClassifyResponse& response) const;

  std::vector<std::string> pictures_;
  std::vector<std::string> label_lists_;
  std::vector<std::string> labels_;
  std::string text_;
  std::string model_;
  bool together_ = false;
  std::vector<std::string> descriptions_given_;  // LABEL=TEXT
  std::vector<std::string> descriptions_;        // As many as labels, or none.
  std::optional<uint32_t> several_;
  bool or_none_ = false;
  inference::v1::CachePolicy cache_ = inference::v1::CACHE_POLICY_UNSPECIFIED;
  size_t name_width_ = 0;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_CLASSIFY_COMMAND_H_
