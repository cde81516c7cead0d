// SPDX-License-Identifier: Apache-2.0
//
// The channel from one of our processes to another.
#ifndef TESSERA_COMMON_RPC_CLIENT_CHANNEL_H_
#define TESSERA_COMMON_RPC_CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

namespace tessera {

struct ClientChannelOptions {
  // Services whose calls are retried on UNAVAILABLE before the first byte of a reply, at most
  // three attempts in all, while fewer than a fifth of recent calls failed.
  std::vector<std::string> retried_services;
  // Largest message either way, bytes.
  int max_message_bytes = 64 << 20;
};

// Makes a channel to `address` ("host:port", or with a scheme that gRPC knows): names are resolved
// again when connections end, calls are spread over all addresses that say they are healthy
// (round_robin), dead connections are noticed by keep-alive pings within 40 s. Does not connect
// yet; never fails.
std::shared_ptr<grpc::Channel> MakeClientChannel(const std::string& address,
                                                 const ClientChannelOptions& options = {});

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_CLIENT_CHANNEL_H_
