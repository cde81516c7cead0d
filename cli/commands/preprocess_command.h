// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_PREPROCESS_COMMAND_H_
#define TESSERA_CLI_COMMANDS_PREPROCESS_COMMAND_H_

#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <cstdint>
#include <optional>
#include <string>

#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera preprocess IN OUT`: what a model would see of a picture.
class PreprocessCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  absl::Status Check(Session& session) const;
  absl::StatusOr<image::v1::ImageOptions> Options() const;
  absl::Status Write(Session& session, const std::string& picture) const;
  void Report(Session& session, const image::v1::PreparedImage& image,
              absl::Duration elapsed) const;

  std::string in_;
  std::string out_;
  std::optional<uint32_t> max_side_;
  std::optional<uint32_t> quality_;
  std::string encoding_;
  std::string size_policy_;
  std::string kernel_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_PREPROCESS_COMMAND_H_
