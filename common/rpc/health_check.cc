// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/health_check.h"

#include <fmt/format.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/client_context.h>

#include <cstdio>

#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"

namespace tessera {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const std::string& service,
                         absl::Duration timeout) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  context.set_wait_for_ready(true);
  HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  const grpc::Status status = Health::NewStub(channel)->Check(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  if (response.status() == HealthCheckResponse::SERVING) return absl::OkStatus();
  const std::string& name = HealthCheckResponse::ServingStatus_Name(response.status());
  return MakeError(absl::StatusCode::kUnavailable, "NOT_SERVING",
                   fmt::format("{} says {}", service.empty() ? "the server" : service, name),
                   {.metadata = {{"service", service}, {"status", name}}});
}

int RunHealthCheck(const std::string& address, const std::string& service, absl::Duration timeout) {
  const absl::Status status = CheckHealth(MakeClientChannel(address), service, timeout);
  if (status.ok()) {
    std::printf("%s: SERVING\n", address.c_str());
    return 0;
  }
  std::printf("%s: %s\n", address.c_str(), std::string(status.message()).c_str());
  return ReasonOf(status) == "NOT_SERVING" ? 1 : 2;
}

}  // namespace tessera
