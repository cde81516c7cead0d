// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_EMBED_COMMAND_H_
#define TESSERA_CLI_COMMANDS_EMBED_COMMAND_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera embed`: texts in, a vector for each out.
class EmbedCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  absl::StatusOr<inference::v1::EmbedRequest> MakeRequest() const;
  void Print(Session& session, const inference::v1::EmbedRequest& request,
             const inference::v1::EmbedResponse& response) const;

  std::vector<std::string> texts_;
  std::string model_;
  std::optional<uint32_t> dimensions_;
  bool truncate_ = false;
  inference::v1::CachePolicy cache_ = inference::v1::CACHE_POLICY_UNSPECIFIED;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_EMBED_COMMAND_H_
