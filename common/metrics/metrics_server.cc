// SPDX-License-Identifier: Apache-2.0
#include "common/metrics/metrics_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <prometheus/exposer.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <thread>

#include "common/status/error.h"

namespace tessera {
namespace {
// A scrape is short; one thread would let a stuck scraper block another.
constexpr std::size_t kThreads = 2;

// Connects to a port of this machine and closes the connection.
void KnockAt(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  close(fd);
}
}  // namespace

MetricsServer::MetricsServer(std::unique_ptr<prometheus::Exposer> exposer, int port)
    : exposer_(std::move(exposer)), port_(port) {}

// The library's listener notices that it should stop when its poll times out, after two seconds,
// or when somebody connects. So somebody connects.
MetricsServer::~MetricsServer() {
  std::atomic<bool> stopped = false;
  std::thread visitor([this, &stopped] {
    while (!stopped) {
      KnockAt(port_);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  exposer_.reset();
  stopped = true;
  visitor.join();
}

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    const std::string& address, std::shared_ptr<prometheus::Registry> registry) {
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(address, kThreads);
    exposer->RegisterCollectable(registry);
    const std::vector<int> ports = exposer->GetListeningPorts();
    return std::unique_ptr<MetricsServer>(
        new MetricsServer(std::move(exposer), ports.empty() ? 0 : ports.front()));
  } catch (const std::exception& e) {
    return MakeError(absl::StatusCode::kUnavailable, "METRICS_ADDRESS_IN_USE",
                     fmt::format("cannot serve metrics on {}: {}", address, e.what()),
                     {.metadata = {{"address", address}}});
  }
}

void MetricsServer::Add(const std::weak_ptr<prometheus::Collectable>& collectable) {
  exposer_->RegisterCollectable(collectable);
}

}  // namespace tessera
