// SPDX-License-Identifier: Apache-2.0
//
// Keeps retries from multiplying where services stand behind each other.
#ifndef TESSERA_COMMON_RPC_RETRY_PUSHBACK_H_
#define TESSERA_COMMON_RPC_RETRY_PUSHBACK_H_

#include <grpcpp/server_context.h>

namespace tessera {

// Tells the caller's gRPC library not to repeat this call by itself: whatever could be tried was
// tried. To be called before Finish.
inline void ForbidRetry(grpc::ServerContextBase& call) {
  call.AddTrailingMetadata("grpc-retry-pushback-ms", "-1");
}

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_RETRY_PUSHBACK_H_
