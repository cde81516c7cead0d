// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/grpc_server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/health_check.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

namespace api = inference::v1;
using absl::StatusCode;
using testing::FakeInferenceService;
using testing::IsError;
using testing::IsOk;

constexpr absl::Duration kLong = absl::Seconds(20);

class GrpcServerTest : public ::testing::Test {
 protected:
  // A stream that stays until `release_`, or until it is cancelled.
  GrpcServerTest() {
    service_.generate = [](const api::GenerateRequest&, api::GenerateResponse&) {
      return grpc::Status::OK;
    };
    service_.stream_generate = [this](grpc::ServerContext& rpc,
                                      FakeInferenceService::Stream& stream) {
      stream.Write({});
      while (!release_.WaitFor(absl::Milliseconds(5))) {
        if (rpc.IsCancelled()) return grpc::Status::CANCELLED;
      }
      stream.Write({});
      return grpc::Status::OK;
    };
    StartServer({.services = {{FakeInferenceService::kName, &service_}}});
  }

  void StartServer(const GrpcServerOptions& options) {
    server_.reset();
    registries_.push_back(std::make_unique<prometheus::Registry>());
    auto server = GrpcServer::Start(options, *registries_.back());
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    address_ = "127.0.0.1:" + std::to_string(server_->port());
    channel_ = MakeClientChannel(address_);
    stub_ = api::InferenceService::NewStub(channel_);
  }

  absl::Status Health(const std::string& service, absl::Duration timeout = absl::Seconds(10)) {
    return CheckHealth(channel_, service, timeout);
  }

  absl::Status Generate(const std::string& model = "") {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    api::GenerateRequest request;
    request.set_model(model);
    api::GenerateResponse response;
    return FromGrpcStatus(stub_->Generate(&context, request, &response));
  }

  Notification release_;
  FakeInferenceService service_;
  std::vector<std::unique_ptr<prometheus::Registry>> registries_;  // One per server.
  std::unique_ptr<GrpcServer> server_;
  std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<api::InferenceService::Stub> stub_;
};

TEST_F(GrpcServerTest, TheServerServesAtOnceAServiceWhenItSaysSo) {
  EXPECT_THAT(Health(""), IsOk());
  EXPECT_THAT(Health(FakeInferenceService::kName),
              IsError(StatusCode::kUnavailable, "NOT_SERVING"));
  server_->SetServing(FakeInferenceService::kName, true);
  EXPECT_THAT(Health(FakeInferenceService::kName), IsOk());
  server_->SetServing(FakeInferenceService::kName, false);
  EXPECT_THAT(Health(FakeInferenceService::kName),
              IsError(StatusCode::kUnavailable, "NOT_SERVING"));
  EXPECT_THAT(Health(""), IsOk());
}

TEST_F(GrpcServerTest, DoesNotKnowTheHealthOfAServiceThatItDoesNotHave) {
  EXPECT_EQ(Health("no.such.Service").code(), StatusCode::kNotFound);
}

TEST_F(GrpcServerTest, HealthCheckTellsServingNotServingAndUnreachableApart) {
  const auto run = [&](const std::string& address, const std::string& service) {
    ::testing::internal::CaptureStdout();
    const int code = RunHealthCheck(address, service, absl::Milliseconds(500));
    EXPECT_FALSE(::testing::internal::GetCapturedStdout().empty());
    return code;
  };
  EXPECT_EQ(run(address_, ""), 0);
  EXPECT_EQ(run(address_, FakeInferenceService::kName), 1);
  server_.reset();
  EXPECT_EQ(run(address_, ""), 2);
}

TEST_F(GrpcServerTest, SaysThatTheAddressIsTaken) {
  prometheus::Registry registry;
  FakeInferenceService other;
  const auto second = GrpcServer::Start(
      {.address = address_, .services = {{FakeInferenceService::kName, &other}}}, registry);
  EXPECT_THAT(second, IsError(StatusCode::kUnavailable, "ADDRESS_IN_USE"));
  EXPECT_EQ(MetadataOf(second.status(), "address"), address_);
  EXPECT_THAT(Generate(), IsOk());
}

TEST_F(GrpcServerTest, DrainLetsACallInFlightEnd) {
  grpc::ClientContext context;
  auto stream = stub_->StreamGenerate(&context);
  api::StreamGenerateResponse response;
  ASSERT_TRUE(stream->Read(&response));
  std::thread drain([&] { server_->Drain(absl::Now() + kLong); });
  // The server refuses new calls from some moment on; the one in flight goes on.
  const absl::Time until = absl::Now() + kLong;
  absl::Status refused;
  while (refused.ok() && absl::Now() < until) refused = Generate();
  EXPECT_FALSE(refused.ok());
  release_.Notify();
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  drain.join();
}

TEST_F(GrpcServerTest, DrainSaysNotServingFirst) {
  server_->SetServing(FakeInferenceService::kName, true);
  grpc::ClientContext context;
  auto stream = stub_->StreamGenerate(&context);
  api::StreamGenerateResponse response;
  ASSERT_TRUE(stream->Read(&response));
  std::thread drain([&] { server_->Drain(absl::Now() + kLong); });
  const absl::Time until = absl::Now() + kLong;
  constexpr absl::Duration kShort = absl::Milliseconds(300);
  while (Health(FakeInferenceService::kName, kShort).ok() && absl::Now() < until) {
  }
  // Too late to say otherwise.
  server_->SetServing(FakeInferenceService::kName, true);
  EXPECT_FALSE(Health(FakeInferenceService::kName, kShort).ok());
  release_.Notify();
  drain.join();
}

TEST_F(GrpcServerTest, DrainAnswersWhoHasNotHeardOfIt) {
  // A channel that does not look at health, as foreign clients' do not.
  auto stub = api::InferenceService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials()));
  const auto generate = [&] {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kLong));
    api::GenerateResponse response;
    return stub->Generate(&context, {}, &response);
  };
  ASSERT_TRUE(generate().ok());
  std::thread drain([&] { server_->Drain(absl::Now() + kLong); });
  int refused = 0;
  for (const absl::Time end = absl::Now() + absl::Milliseconds(600); absl::Now() < end;) {
    refused += generate().ok() ? 0 : 1;
  }
  drain.join();
  EXPECT_EQ(refused, 0);
  EXPECT_FALSE(generate().ok());
}

TEST_F(GrpcServerTest, DrainCancelsWhatIsNotDoneInTime) {
  grpc::ClientContext context;
  auto stream = stub_->StreamGenerate(&context);
  api::StreamGenerateResponse response;
  ASSERT_TRUE(stream->Read(&response));
  const absl::Time start = absl::Now();
  server_->Drain(start + absl::Milliseconds(100));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(90));
  EXPECT_LT(absl::Now() - start, kLong);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(GrpcServerTest, RefusesAMessageOverTheLimit) {
  StartServer(
      {.max_message_bytes = 100'000, .services = {{FakeInferenceService::kName, &service_}}});
  EXPECT_THAT(Generate(std::string(50'000, 'x')), IsOk());
  EXPECT_EQ(Generate(std::string(200'000, 'x')).code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(Generate(), IsOk());
}

}  // namespace
}  // namespace tessera
