// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/client_identity.h"

namespace tessera {
namespace {
constexpr size_t kMaxNameBytes = 64;
}  // namespace

std::string ClientOf(const grpc::ServerContextBase& call) {
  const auto named = call.client_metadata().find(kClientKey);
  if (named != call.client_metadata().end() && !named->second.empty()) {
    return std::string(named->second.data(), named->second.size()).substr(0, kMaxNameBytes);
  }
  return std::string(PeerWithoutPort(call.peer()));
}

std::string_view PeerWithoutPort(std::string_view peer) {
  if (!peer.starts_with("ipv4:") && !peer.starts_with("ipv6:")) return peer;
  const size_t colon = peer.rfind(':');
  return colon < 5 ? peer : peer.substr(0, colon);
}

}  // namespace tessera
