// SPDX-License-Identifier: Apache-2.0
//
// The only conversion between absl::Status and grpc::Status. ErrorInfo, RetryInfo and BadRequest
// travel as google.rpc.Status details in both directions.
#ifndef TESSERA_COMMON_RPC_GRPC_STATUS_H_
#define TESSERA_COMMON_RPC_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace tessera {

// OK stays OK. Every other result carries exactly one ErrorInfo: errors that came from elsewhere
// without one get their code's name as reason. An error that is too long for the wire loses first
// the end of its message and BadRequest, then the ErrorInfo's metadata; never code or reason.
grpc::Status ToGrpcStatus(const absl::Status& status);

// Details of unknown types, and details that do not parse, are dropped.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_GRPC_STATUS_H_
