// SPDX-License-Identifier: Apache-2.0
//
// What became of a call, seen from the caller's side.
#ifndef TESSERA_CLI_CALL_ERROR_H_
#define TESSERA_CLI_CALL_ERROR_H_

#include <grpcpp/support/status.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/exit_code.h"

namespace tessera::cli {

// The call that failed.
struct CallFacts {
  std::string address;     // Where it went.
  absl::Duration timeout;  // How long it was allowed to take.
};

// A server's own error is kept as it is. One that comes from the transport gets a reason and a
// message that says what happened: SERVER_UNREACHABLE, CONNECTION_LOST, NOT_GRPC,
// NOT_SERVED_HERE, MESSAGE_TOO_LARGE, DEADLINE_EXCEEDED, CANCELLED, else the name of its code.
absl::Status ToCallError(const grpc::Status& status, const CallFacts& facts);

// The exit code for an error; kExitOk for OK.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_CALL_ERROR_H_
