// SPDX-License-Identifier: Apache-2.0
//
// A span for every call of a server, a log line for every one that fails, and the way of a trace
// from a call to the calls it makes.
//
// The caller's context arrives as metadata "traceparent" and is replaced there by that of the
// call's own span. So a call object needs no more than its RPC context to continue the trace:
//
//   RecordSpan({.context = ChildOf(TraceOf(*rpc)), ...});
//   ContinueTrace(*rpc, client_context);
#ifndef TESSERA_COMMON_RPC_CALL_TRACING_H_
#define TESSERA_COMMON_RPC_CALL_TRACING_H_

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_interceptor.h>

#include <atomic>
#include <cstdint>
#include <memory>

#include "common/tracing/trace_context.h"

namespace tessera {

// Makes the interceptor. An error of a call that belongs to a trace gets the trace's id as
// ErrorInfo metadata "traceId". Health checks and reflection are neither traced nor logged.
// `started` counts the other calls, and must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallTracing(
    std::atomic<int64_t>& started);

// Where the call stands. Not valid when the call belongs to no trace.
TraceContext TraceOf(const grpc::ServerContextBase& rpc);

// Makes what `next` calls a part of the call's trace. Call before the call is started.
void ContinueTrace(const grpc::ServerContextBase& rpc, grpc::ClientContext& next);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_CALL_TRACING_H_
