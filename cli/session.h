// SPDX-License-Identifier: Apache-2.0
//
// What a command works with: the options, the terminal, connections, and a way to fail.
#ifndef TESSERA_CLI_SESSION_H_
#define TESSERA_CLI_SESSION_H_

#include <grpcpp/channel.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/error_report.h"
#include "cli/global_options.h"
#include "cli/interrupt.h"
#include "cli/terminal/terminal.h"

namespace tessera::cli {

struct Connection {
  std::shared_ptr<grpc::Channel> channel;
  std::string address;
  absl::Duration connect_time;
};

// Used by one thread. Everything handed in must outlive it.
class Session {
 public:
  Session(const GlobalOptions& options, Terminal& terminal, Interrupt& interrupt)
      : options_(options), terminal_(terminal), interrupt_(interrupt) {}

  const GlobalOptions& options() const { return options_; }
  Terminal& terminal() { return terminal_; }
  Interrupt& interrupt() { return interrupt_; }
  // --timeout where it was given, else `usual`: for what takes longer than a request.
  absl::Duration TimeoutOr(absl::Duration usual) const {
    return options_.timeout_given ? options_.timeout : usual;
  }
  bool wants_timings() const { return options_.timings || options_.verbose; }

  // Connects, waiting for at most ten seconds. SERVER_UNREACHABLE when the name or the host is
  // silent; a host that refuses is returned all the same: the first call says why.
  absl::StatusOr<Connection> Connect(const std::string& address);

  // One JSON document on one line of standard output.
  void PrintDocument(const nlohmann::ordered_json& document);
  // A remark on standard error.
  void Warn(std::string_view text);
  // The error on standard error; the exit code for it. After Ctrl-C just says so.
  int Fail(const absl::Status& error, const FailedAction& action);

 private:
  const GlobalOptions options_;
  Terminal& terminal_;
  Interrupt& interrupt_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_SESSION_H_
