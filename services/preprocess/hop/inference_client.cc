// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/hop/inference_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/health_check.h"
#include "common/status/error.h"

namespace tessera::preprocess {
namespace {
constexpr char kServiceName[] = "tessera.inference.v1.InferenceService";
constexpr absl::Duration kCheckTimeout = absl::Seconds(2);
constexpr absl::Duration kLongestInterval = absl::Hours(24);
}  // namespace

absl::Status StatusFromHop(const grpc::Status& status) {
  absl::Status error = FromGrpcStatus(status);
  if (error.ok() || !ReasonOf(error).empty()) return error;
  const std::string message(error.message());
  switch (error.code()) {
    case absl::StatusCode::kUnavailable:
      return MakeError(error.code(), "INFERENCE_UNREACHABLE",
                       fmt::format("tessera-inference cannot be reached: {}", message));
    case absl::StatusCode::kDeadlineExceeded:
      return MakeError(error.code(), "DEADLINE_EXCEEDED",
                       "the call's deadline passed while tessera-inference was at work");
    case absl::StatusCode::kCancelled:
      return MakeError(error.code(), "CANCELLED", "the call was cancelled");
    default:
      return MakeError(error.code(), "INFERENCE_FAILED",
                       fmt::format("tessera-inference answered: {}", message));
  }
}

InferenceClient::InferenceClient(const std::string& address)
    : channel_(MakeClientChannel(address, {.retried_services = {kServiceName}})),
      stub_(inference::v1::InferenceService::NewStub(channel_)),
      models_(model::v1::ModelService::NewStub(channel_)) {}

HealthWatch::HealthWatch(std::shared_ptr<grpc::Channel> channel, absl::Duration interval,
                         std::function<void(bool serving)> on_health)
    : channel_(std::move(channel)),
      interval_(interval),
      on_health_(std::move(on_health)),
      thread_([this] { Run(); }) {}

HealthWatch::~HealthWatch() {
  stop_.Notify();
  thread_.join();
}

void HealthWatch::Run() {
  std::optional<bool> was_serving;
  do {
    const absl::Status status = CheckHealth(channel_, kServiceName, kCheckTimeout);
    if (status.ok() != was_serving) {
      was_serving = status.ok();
      if (status.ok()) {
        LogInfo("inference serving");
      } else {
        LogWarning("inference not serving", {{"error", std::string(status.message())}});
      }
    }
    on_health_(status.ok());
  } while (!stop_.WaitFor(std::min(interval_, kLongestInterval)));
}

}  // namespace tessera::preprocess
