// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_CLIENT_CALL_H_
#define TESSERA_CLI_CLIENT_CALL_H_

#include <grpcpp/client_context.h>

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/session.h"

namespace tessera::cli {

// One call in flight: it ends at --timeout and at Ctrl-C. One at a time in a process. Both
// arguments must outlive it.
class ClientCall {
 public:
  ClientCall(Session& session, const Connection& connection)
      : ClientCall(session, connection, session.options().timeout) {}
  ClientCall(Session& session, const Connection& connection, absl::Duration timeout);
  ~ClientCall();

  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  grpc::ClientContext* context() { return &context_; }
  // Time since the call was made.
  absl::Duration elapsed() const;
  // The call's end as an error that can be shown.
  absl::Status ToStatus(const grpc::Status& status) const;

 private:
  Session& session_;
  const Connection& connection_;
  const absl::Duration timeout_;
  const absl::Time started_;
  grpc::ClientContext context_;
};

}  // namespace tessera::cli

#endif  // TESSERA_CLI_CLIENT_CALL_H_
