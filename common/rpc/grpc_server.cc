// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/grpc_server.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/call_tracing.h"
#include "common/rpc/rpc_metrics.h"
#include "common/status/error.h"

namespace tessera {
namespace {

// Several times what news of a drain takes to clients and their last calls take back.
constexpr absl::Duration kQuiet = absl::Milliseconds(150);
constexpr absl::Duration kLongestFarewell = absl::Seconds(5);

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options,
                                                              prometheus::Registry& registry) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<GrpcServer> self(new GrpcServer);
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &self->port_);
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder.SetMaxSendMessageSize(options.max_message_bytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Our own clients ping every 20 s, also while a cold model keeps a call silent for minutes.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // A caller that vanished without closing is noticed, and its calls cancelled, within a minute.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  std::vector<std::string> names;
  for (const auto& [name, service] : options.services) {
    builder.RegisterService(service);
    names.push_back(name);
  }
  std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(MakeRpcMetrics(registry, names));
  interceptors.push_back(MakeCallTracing(self->started_calls_));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  self->server_ = builder.BuildAndStart();
  if (self->server_ == nullptr) {
    return MakeError(
        absl::StatusCode::kUnavailable, "ADDRESS_IN_USE",
        fmt::format("cannot listen on {}: it is in use, or not an address of this machine",
                    options.address),
        {.metadata = {{"address", options.address}}});
  }
  for (const std::string& name : names) self->SetServing(name, false);
  return self;
}

GrpcServer::~GrpcServer() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
}

void GrpcServer::SetServing(const std::string& service, bool serving) {
  if (!draining_) server_->GetHealthCheckService()->SetServingStatus(service, serving);
}

void GrpcServer::Drain(absl::Time deadline) {
  draining_ = true;
  server_->GetHealthCheckService()->SetServingStatus(false);
  // A call that meets a server in shutdown ends as CANCELLED at its caller, who cannot know that it
  // may be repeated.
  WaitForQuiet(std::min(deadline, absl::Now() + kLongestFarewell));
  server_->GetHealthCheckService()->Shutdown();
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_->Wait();
}

void GrpcServer::WaitForQuiet(absl::Time deadline) const {
  absl::Time quiet_since = absl::Now();
  int64_t seen = started_calls_;
  for (absl::Time now = quiet_since; now < deadline && now - quiet_since < kQuiet;) {
    absl::SleepFor(absl::Milliseconds(10));
    now = absl::Now();
    if (const int64_t started = started_calls_; started != seen) {
      seen = started;
      quiet_since = now;
    }
  }
}

void BlockTerminationSignals() {
  const sigset_t signals = TerminationSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void WaitForTerminationSignal() {
  const sigset_t signals = TerminationSignals();
  int received = 0;
  sigwait(&signals, &received);
}

}  // namespace tessera
