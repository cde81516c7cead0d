// SPDX-License-Identifier: Apache-2.0
//
// grpc_server_* metrics under the names that go-grpc-prometheus gave them, so that existing
// dashboards and alerts fit: started, handled by code, messages in and out, handling time.
#ifndef TESSERA_COMMON_RPC_RPC_METRICS_H_
#define TESSERA_COMMON_RPC_RPC_METRICS_H_

#include <grpcpp/support/server_interceptor.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

namespace tessera {

// Makes the interceptor that counts every call of the server. All methods of `services` (full
// names, linked into the binary) exist at 0, with every code, before the first call; calls of
// any other method are counted under method "other", so that callers cannot make new series.
//
// The interceptor also answers what gRPC itself answers misleadingly: a unary request that does
// not parse (for instance because a text is not UTF-8) ends as INVALID_ARGUMENT, reason
// REQUEST_MALFORMED, instead of UNIMPLEMENTED.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeRpcMetrics(
    prometheus::Registry& registry, const std::vector<std::string>& services);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_RPC_METRICS_H_
