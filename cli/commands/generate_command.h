// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_GENERATE_COMMAND_H_
#define TESSERA_CLI_COMMANDS_GENERATE_COMMAND_H_

#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/picture_file.h"
#include "cli/timing_report.h"

namespace tessera::cli {

// `tessera generate`: a prompt, pictures if wanted, the answer whole or as it is made.
class GenerateCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  absl::Status ReadArguments(Session& session);
  absl::Status ReadForm();
  inference::v1::GenerateRequest MakeRequest() const;
  int RunWhole(Session& session, const Connection& connection);
  int RunStream(Session& session, const Connection& connection);
  FailedAction Action() const;
  // What follows an answer on standard error.
  void ShowEnd(Session& session, const CallReport& report) const;

  std::string prompt_;
  std::vector<std::string> picture_paths_;
  std::string system_;
  std::string model_;
  bool stream_ = false;
  std::optional<uint32_t> max_tokens_;
  std::optional<float> temperature_;
  std::optional<uint32_t> seed_;
  std::string schema_;  // As given: a schema, or @ and a file.
  bool any_json_ = false;
  bool repair_ = false;
  std::string tools_path_;
  inference::v1::Thinking thinking_ = inference::v1::THINKING_UNSPECIFIED;
  std::optional<uint32_t> top_logprobs_;
  inference::v1::CachePolicy cache_ = inference::v1::CACHE_POLICY_UNSPECIFIED;

  std::string request_id_;
  std::vector<PictureFile> pictures_;
  std::vector<inference::v1::Tool> tools_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_GENERATE_COMMAND_H_
