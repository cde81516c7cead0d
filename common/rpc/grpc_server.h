// SPDX-License-Identifier: Apache-2.0
//
// A gRPC server with everything that each of our services needs beside its methods: health per
// service, reflection, metrics, message limits, keep-alive that tolerates long silences, answers
// without delay after them, and a stop that loses nothing.
#ifndef TESSERA_COMMON_RPC_GRPC_SERVER_H_
#define TESSERA_COMMON_RPC_GRPC_SERVER_H_

#include <grpcpp/server.h>
#include <prometheus/registry.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/awake_poller.h"

namespace tessera {

struct GrpcServerOptions {
  std::string address = "127.0.0.1:0";  // host:port to listen on; port 0 picks a free one.
  int max_message_bytes = 64 << 20;     // Largest message either way.
  // Registered services; must outlive the server. Their full names go into health and metrics.
  std::vector<std::pair<std::string, grpc::Service*>> services;
};

// Thread-safe after Start.
class GrpcServer {
 public:
  // Listens and serves. Health: "" is SERVING at once, each service starts as NOT_SERVING until
  // SetServing. Fails with UNAVAILABLE, reason ADDRESS_IN_USE.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options,
                                                           prometheus::Registry& registry);

  // Stops at once if Drain was not called.
  ~GrpcServer();

  // Reports `service` as SERVING or NOT_SERVING. Ignored once draining.
  void SetServing(const std::string& service, bool serving);

  // Reports NOT_SERVING everywhere and goes on until nobody calls any more, at most 5 s: clients
  // that look at health go elsewhere in that time. Then refuses new calls, waits for calls in
  // flight until `deadline`, cancels the rest. Blocks. Call once.
  void Drain(absl::Time deadline);

  // The port that is listened on.
  int port() const { return port_; }

 private:
  GrpcServer() = default;

  // Returns when no call has begun for a moment.
  void WaitForQuiet(absl::Time deadline) const;

  AwakePoller awake_poller_;
  std::atomic<int64_t> started_calls_{0};
  std::atomic<bool> draining_{false};
  std::unique_ptr<grpc::Server> server_;  // Before what it uses is gone.
  int port_ = 0;
};

// Blocks until SIGTERM or SIGINT. Call BlockTerminationSignals first, before any thread starts.
void WaitForTerminationSignal();
void BlockTerminationSignals();

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_GRPC_SERVER_H_
