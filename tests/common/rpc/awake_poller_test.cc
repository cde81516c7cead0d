// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/awake_poller.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/client_channel.h"

namespace tessera {
namespace {

namespace api = inference::v1;

// Answers on gRPC's thread, like the services.
class Service : public api::InferenceService::CallbackService {
  grpc::ServerUnaryReactor* Generate(grpc::CallbackServerContext* context,
                                     const api::GenerateRequest*, api::GenerateResponse*) override {
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

TEST(AwakePollerTest, ARequestAfterASilenceIsAnsweredAtOnce) {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub =
      api::InferenceService::NewStub(MakeClientChannel("127.0.0.1:" + std::to_string(port)));
  const AwakePoller poller;
  std::vector<absl::Duration> waits;
  for (int i = 0; i < 6; ++i) {
    grpc::ClientContext context;
    api::GenerateResponse response;
    const absl::Time start = absl::Now();
    // A blocking call: its client waits for itself, not on gRPC's threads.
    ASSERT_TRUE(stub->Generate(&context, {}, &response).ok());
    // The first one makes the connection.
    if (i > 0) waits.push_back(absl::Now() - start);
    // The silence that is spoken of: 1,000 ms and into the sleep that followed.
    absl::SleepFor(absl::Milliseconds(1020));
  }
  // Without the poller about 80 ms each time; the shortest, since a busy machine delays some.
  EXPECT_LT(*std::min_element(waits.begin(), waits.end()), absl::Milliseconds(40));
}

}  // namespace
}  // namespace tessera
