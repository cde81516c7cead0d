// SPDX-License-Identifier: Apache-2.0
//
// Whose call it is, for fair shares.
#ifndef TESSERA_COMMON_RPC_CLIENT_IDENTITY_H_
#define TESSERA_COMMON_RPC_CLIENT_IDENTITY_H_

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>

namespace tessera {

// Metadata key with which a caller names itself.
inline constexpr char kClientKey[] = "x-tessera-client";

// What the caller calls itself, cut at 64 bytes; where it says nothing its address without the
// port, so that all connections of a host are one client. Not authenticated: good for sharing among
// callers that mean well, not for protection from those that do not.
std::string ClientOf(const grpc::ServerContextBase& call);

// "ipv4:10.0.0.7:51234" without the last part; the same text where there is no port.
std::string_view PeerWithoutPort(std::string_view peer);

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_CLIENT_IDENTITY_H_
