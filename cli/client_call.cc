// SPDX-License-Identifier: Apache-2.0
#include "cli/client_call.h"

#include "absl/time/clock.h"
#include "cli/call_error.h"

namespace tessera::cli {

ClientCall::ClientCall(Session& session, const Connection& connection, absl::Duration timeout)
    : session_(session), connection_(connection), timeout_(timeout), started_(absl::Now()) {
  context_.set_deadline(absl::ToChronoTime(started_ + timeout_));
  session.interrupt().Guard(&context_);
}

ClientCall::~ClientCall() { session_.interrupt().Release(); }

absl::Duration ClientCall::elapsed() const { return absl::Now() - started_; }

absl::Status ClientCall::ToStatus(const grpc::Status& status) const {
  return ToCallError(status, {.address = connection_.address, .timeout = timeout_});
}

}  // namespace tessera::cli
