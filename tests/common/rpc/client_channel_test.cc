// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/client_channel.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <atomic>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/rpc/grpc_server.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

namespace api = inference::v1;
using testing::FakeInferenceService;

grpc::Status Unavailable() { return grpc::Status(grpc::StatusCode::UNAVAILABLE, "not now"); }

class ClientChannelTest : public ::testing::Test {
 protected:
  ClientChannelTest() {
    service_.generate = [this](const api::GenerateRequest&, api::GenerateResponse&) {
      return failures_-- > 0 ? Unavailable() : grpc::Status::OK;
    };
    auto server =
        GrpcServer::Start({.services = {{FakeInferenceService::kName, &service_}}}, registry_);
    EXPECT_THAT(server, testing::IsOk());
    server_ = *std::move(server);
    address_ = "127.0.0.1:" + std::to_string(server_->port());
  }

  std::unique_ptr<api::InferenceService::Stub> Stub(const ClientChannelOptions& options) {
    return api::InferenceService::NewStub(MakeClientChannel(address_, options));
  }

  static grpc::Status Generate(api::InferenceService::Stub& stub, size_t bytes = 0) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
    api::GenerateRequest request;
    request.set_model(std::string(bytes, 'x'));
    api::GenerateResponse response;
    return stub.Generate(&context, request, &response);
  }

  const ClientChannelOptions retrying_{.retried_services = {FakeInferenceService::kName}};
  std::atomic<int> failures_ = 0;
  prometheus::Registry registry_;
  FakeInferenceService service_;
  std::unique_ptr<GrpcServer> server_;
  std::string address_;
};

TEST_F(ClientChannelTest, TriesUnavailableThreeTimesInAll) {
  auto stub = Stub(retrying_);
  failures_ = 2;
  EXPECT_TRUE(Generate(*stub).ok());
  EXPECT_EQ(service_.calls(), 3);
  failures_ = 100;
  EXPECT_EQ(Generate(*stub).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service_.calls(), 6);
}

TEST_F(ClientChannelTest, TriesOnceWhereNobodyAskedForMore) {
  auto stub = Stub({});
  failures_ = 1;
  EXPECT_EQ(Generate(*stub).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service_.calls(), 1);
}

TEST_F(ClientChannelTest, TriesOtherErrorsOnce) {
  service_.generate = [](const api::GenerateRequest&, api::GenerateResponse&) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "broken");
  };
  auto stub = Stub(retrying_);
  EXPECT_EQ(Generate(*stub).error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(service_.calls(), 1);
}

TEST_F(ClientChannelTest, RetriesARequestAsLargeAsAPicture) {
  auto stub = Stub(retrying_);
  failures_ = 2;
  EXPECT_TRUE(Generate(*stub, 2 << 20).ok());
  EXPECT_EQ(service_.calls(), 3);
}

TEST_F(ClientChannelTest, NeverRetriesAfterTheFirstByteOfAReply) {
  service_.stream_generate = [](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
    stream.Write({});
    return Unavailable();
  };
  auto stub = Stub(retrying_);
  grpc::ClientContext context;
  auto stream = stub->StreamGenerate(&context);
  stream->Write({});
  stream->WritesDone();
  api::StreamGenerateResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(service_.calls(), 1);
}

TEST_F(ClientChannelTest, RetriesAStreamThatHasNotAnsweredYet) {
  service_.stream_generate = [this](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
    if (failures_-- > 0) return Unavailable();
    stream.Write({});
    return grpc::Status::OK;
  };
  failures_ = 2;
  auto stub = Stub(retrying_);
  grpc::ClientContext context;
  auto stream = stub->StreamGenerate(&context);
  stream->Write({});
  stream->WritesDone();
  api::StreamGenerateResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(service_.calls(), 3);
}

TEST_F(ClientChannelTest, StopsRetryingWhenMostCallsFail) {
  auto stub = Stub(retrying_);
  failures_ = 1'000'000;
  constexpr int kCalls = 50;
  for (int i = 0; i < kCalls; ++i) EXPECT_FALSE(Generate(*stub).ok());
  EXPECT_LE(service_.calls(), kCalls * 6 / 5);
}

TEST_F(ClientChannelTest, TakesAnAddressWithItsScheme) {
  for (const std::string prefix : {"dns:///", "ipv4:"}) {
    auto stub = api::InferenceService::NewStub(MakeClientChannel(prefix + address_));
    EXPECT_TRUE(Generate(*stub).ok()) << prefix;
  }
}

TEST_F(ClientChannelTest, FailsTheCallWhereNobodyListens) {
  server_.reset();
  auto stub = Stub(retrying_);
  const absl::Time start = absl::Now();
  EXPECT_EQ(Generate(*stub).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_LT(absl::Now() - start, absl::Seconds(9));
}

}  // namespace
}  // namespace tessera
