// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/client_channel.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <string_view>

namespace tessera {
namespace {

std::string ServiceConfig(const std::vector<std::string>& retried_services) {
  // The health of the server as a whole: a draining one says NOT_SERVING while it still answers,
  // and is left alone before its connection ends.
  constexpr std::string_view kBalancing =
      R"("loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":""})";
  if (retried_services.empty()) return fmt::format("{{{}}}", kBalancing);
  std::string names;
  for (const std::string& service : retried_services) {
    names += fmt::format(R"({}{{"service":"{}"}})", names.empty() ? "" : ",", service);
  }
  // A failure costs one token and a success earns a fifth of one: when everything fails, retries
  // stop at half the tokens and add at most a fifth of the calls.
  return fmt::format(R"({{{},"methodConfig":[{{)"
                     R"("name":[{}],"retryPolicy":{{"maxAttempts":3,"initialBackoff":"0.05s",)"
                     R"("maxBackoff":"1s","backoffMultiplier":2,)"
                     R"("retryableStatusCodes":["UNAVAILABLE"]}}}}],)"
                     R"("retryThrottling":{{"maxTokens":10,"tokenRatio":0.2}}}})",
                     kBalancing, names);
}

bool HasScheme(const std::string& address) {
  for (const char* scheme : {"unix:", "ipv4:", "ipv6:"}) {
    if (address.rfind(scheme, 0) == 0) return true;
  }
  return address.find(":///") != std::string::npos;
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeClientChannel(const std::string& address,
                                                 const ClientChannelOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig(options.retried_services));
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetMaxSendMessageSize(options.max_message_bytes);
  // A message larger than this buffer commits a call to its first attempt; the library's default
  // of 256 KiB is smaller than a picture.
  arguments.SetInt(GRPC_ARG_PER_RPC_RETRY_BUFFER_SIZE, options.max_message_bytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(HasScheme(address) ? address : "dns:///" + address,
                                   grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace tessera
