// SPDX-License-Identifier: Apache-2.0
//
// gRPC calls have no deadline unless the caller sets one; here every call has one.
#ifndef TESSERA_COMMON_RPC_CALL_DEADLINE_H_
#define TESSERA_COMMON_RPC_CALL_DEADLINE_H_

#include <grpcpp/server_context.h>

#include "absl/time/time.h"

namespace tessera {

// The caller's deadline, or now + `longest` when that is sooner or the caller set none.
absl::Time CallDeadline(const grpc::ServerContextBase& context, absl::Duration longest);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_CALL_DEADLINE_H_
