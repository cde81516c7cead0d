// SPDX-License-Identifier: Apache-2.0
//
// The client side of a call that is made on behalf of a caller's.
#ifndef TESSERA_SERVICES_PREPROCESS_HOP_HOP_CONTEXT_H_
#define TESSERA_SERVICES_PREPROCESS_HOP_HOP_CONTEXT_H_

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <memory>

#include "absl/time/time.h"
#include "common/rpc/call_tracing.h"
#include "common/rpc/client_identity.h"

namespace tessera::preprocess {

// Ends at `deadline`, and when the caller's RPC is cancelled or over. Belongs to its trace, and is
// made in the name of the same client.
inline std::unique_ptr<grpc::ClientContext> MakeHopContext(const grpc::CallbackServerContext& rpc,
                                                           absl::Time deadline) {
  auto context = grpc::ClientContext::FromCallbackServerContext(rpc);
  context->set_deadline(absl::ToChronoTime(deadline));
  context->AddMetadata(kClientKey, ClientOf(rpc));
  ContinueTrace(rpc, *context);
  return context;
}

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_HOP_HOP_CONTEXT_H_
