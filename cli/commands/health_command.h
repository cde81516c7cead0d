// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_COMMANDS_HEALTH_COMMAND_H_
#define TESSERA_CLI_COMMANDS_HEALTH_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/commands/command.h"

namespace tessera::cli {

// `tessera health`: what the servers say of themselves, and the front door of tessera-inference.
class HealthCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& program) override;
  int Run(Session& session) override;

 private:
  // One name at one server.
  struct State {
    std::string address;
    std::string service;  // Empty: the server as a whole.
    std::string status;   // SERVING, NOT_SERVING, UNKNOWN, NOT_OFFERED, UNREACHABLE.

    friend bool operator==(const State&, const State&) = default;
  };

  int RunOnce(Session& session);
  int Watch(Session& session);
  absl::StatusOr<std::vector<State>> Ask(Session& session, const std::string& address) const;
  absl::StatusOr<State> AskOne(Session& session, const Connection& connection,
                               const std::string& service) const;
  std::vector<std::string> Addresses(Session& session) const;
  // `time`: when it was seen; empty outside of --watch.
  void Print(Session& session, const State& state, const std::string& time) const;

  bool watch_ = false;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_COMMANDS_HEALTH_COMMAND_H_
