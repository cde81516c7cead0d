// SPDX-License-Identifier: Apache-2.0
//
// The registry of a process and the HTTP port on which Prometheus scrapes it at /metrics.
#ifndef TESSERA_COMMON_METRICS_METRICS_SERVER_H_
#define TESSERA_COMMON_METRICS_METRICS_SERVER_H_

#include <prometheus/collectable.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace prometheus {
class Exposer;
}

namespace tessera {

// Thread-safe after Start.
class MetricsServer {
 public:
  // Binds `address` ("127.0.0.1:9090"; port 0 picks a free one) and serves `registry`. Fails with
  // UNAVAILABLE, reason METRICS_ADDRESS_IN_USE, when the port cannot be bound.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(
      const std::string& address, std::shared_ptr<prometheus::Registry> registry);
  ~MetricsServer();

  // Also exposes a collector that computes its values at scrape time. Kept weakly.
  void Add(const std::weak_ptr<prometheus::Collectable>& collectable);

  // The port that is listened on.
  int port() const { return port_; }

 private:
  MetricsServer(std::unique_ptr<prometheus::Exposer> exposer, int port);

  std::unique_ptr<prometheus::Exposer> exposer_;
  const int port_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_METRICS_METRICS_SERVER_H_
