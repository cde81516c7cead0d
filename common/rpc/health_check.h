// SPDX-License-Identifier: Apache-2.0
//
// Asking a server for its health (grpc.health.v1), as containers and load balancers do.
#ifndef TESSERA_COMMON_RPC_HEALTH_CHECK_H_
#define TESSERA_COMMON_RPC_HEALTH_CHECK_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tessera {

// OK when the server at the other end of `channel` says SERVING for `service` ("" = the server as
// a whole). UNAVAILABLE with reason NOT_SERVING when it says otherwise; the call's own error when
// it cannot be asked. Blocks for at most `timeout`.
absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                         absl::Duration timeout);

// The --healthcheck mode of our binaries: prints one line and returns the process's exit code:
// 0 serving, 1 not serving, 2 not reachable in time.
int RunHealthCheck(const std::string& address, const std::string& service, absl::Duration timeout);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_HEALTH_CHECK_H_
