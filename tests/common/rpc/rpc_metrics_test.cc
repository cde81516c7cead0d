// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/rpc_metrics.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/health_check.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/metric_values.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

namespace api = inference::v1;
using testing::FakeInferenceService;
using testing::IsError;
using testing::IsOk;
using testing::MetricLabels;
using testing::MetricValue;

class RpcMetricsTest : public ::testing::Test {
 protected:
  RpcMetricsTest() {
    service_.generate = [](const api::GenerateRequest& request, api::GenerateResponse& response) {
      if (request.model() == "absent") return grpc::Status(grpc::StatusCode::NOT_FOUND, "absent");
      response.set_text("yes");
      return grpc::Status::OK;
    };
    service_.stream_generate = [](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
      api::StreamGenerateRequest request;
      while (stream.Read(&request)) {
      }
      stream.Write({});
      stream.Write({});
      return grpc::Status::OK;
    };
    auto server =
        GrpcServer::Start({.services = {{FakeInferenceService::kName, &service_}}}, registry_);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    channel_ = MakeClientChannel("127.0.0.1:" + std::to_string(server_->port()));
    stub_ = api::InferenceService::NewStub(channel_);
  }

  absl::Status Generate(const std::string& model) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    api::GenerateRequest request;
    request.set_model(model);
    api::GenerateResponse response;
    return FromGrpcStatus(stub_->Generate(&context, request, &response));
  }

  static MetricLabels Method(const std::string& method, const std::string& type) {
    return {{"grpc_type", type},
            {"grpc_service", FakeInferenceService::kName},
            {"grpc_method", method}};
  }
  static MetricLabels WithCode(MetricLabels labels, const std::string& code) {
    labels["grpc_code"] = code;
    return labels;
  }

  // The server's own thread counts the end of a call, perhaps after the client has seen it.
  void ExpectSoon(const std::string& name, const MetricLabels& labels, double expected) {
    const absl::Time until = absl::Now() + absl::Seconds(10);
    while (MetricValue(registry_, name, labels) != expected && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    EXPECT_EQ(MetricValue(registry_, name, labels), expected) << name;
  }

  prometheus::Registry registry_;
  FakeInferenceService service_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<api::InferenceService::Stub> stub_;
};

TEST_F(RpcMetricsTest, EverySeriesExistsBeforeTheFirstCall) {
  for (const auto& [method, type] : std::map<std::string, std::string>{
           {"Generate", "unary"}, {"Classify", "unary"}, {"StreamGenerate", "bidi_stream"}}) {
    const MetricLabels labels = Method(method, type);
    for (const char* name : {"grpc_server_started_total", "grpc_server_msg_received_total",
                             "grpc_server_msg_sent_total", "grpc_server_handling_seconds"}) {
      EXPECT_EQ(MetricValue(registry_, name, labels), 0) << name << " " << method;
    }
    for (const char* code : {"OK", "Canceled", "InvalidArgument", "DeadlineExceeded", "Unavailable",
                             "ResourceExhausted", "Internal", "Unauthenticated"}) {
      EXPECT_EQ(MetricValue(registry_, "grpc_server_handled_total", WithCode(labels, code)), 0)
          << method << " " << code;
    }
  }
  // Five methods and "other", seventeen codes each.
  EXPECT_EQ(testing::SeriesCount(registry_, "grpc_server_handled_total"), 6 * 17);
}

TEST_F(RpcMetricsTest, CountsAUnaryCallAndItsCode) {
  EXPECT_THAT(Generate("present"), IsOk());
  EXPECT_TRUE(absl::IsNotFound(Generate("absent")));
  const MetricLabels labels = Method("Generate", "unary");
  ExpectSoon("grpc_server_handled_total", WithCode(labels, "OK"), 1);
  ExpectSoon("grpc_server_handled_total", WithCode(labels, "NotFound"), 1);
  ExpectSoon("grpc_server_started_total", labels, 2);
  ExpectSoon("grpc_server_msg_received_total", labels, 2);
  ExpectSoon("grpc_server_handling_seconds", labels, 2);
}

TEST_F(RpcMetricsTest, CountsTheMessagesOfAStream) {
  grpc::ClientContext context;
  auto stream = stub_->StreamGenerate(&context);
  for (int i = 0; i < 3; ++i) stream->Write({});
  stream->WritesDone();
  api::StreamGenerateResponse response;
  while (stream->Read(&response)) {
  }
  EXPECT_TRUE(stream->Finish().ok());
  const MetricLabels labels = Method("StreamGenerate", "bidi_stream");
  ExpectSoon("grpc_server_handled_total", WithCode(labels, "OK"), 1);
  ExpectSoon("grpc_server_msg_received_total", labels, 3);
  ExpectSoon("grpc_server_msg_sent_total", labels, 2);
}

TEST_F(RpcMetricsTest, AnswersAMalformedRequestAsTheCallersMistake) {
  // Protobuf sends what it will not receive.
  const absl::Status error = Generate("\xFF");
  EXPECT_THAT(error, IsError(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_EQ(service_.calls(), 0);
  ExpectSoon("grpc_server_handled_total", WithCode(Method("Generate", "unary"), "InvalidArgument"),
             1);
  EXPECT_THAT(Generate("present"), IsOk());
}

TEST_F(RpcMetricsTest, LeavesARealUnimplementedAsItIs) {
  grpc::ClientContext context;
  api::ClassifyResponse response;
  EXPECT_EQ(stub_->Classify(&context, {}, &response).error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(RpcMetricsTest, CountsCallsOfOtherServicesTogether) {
  // Our own channels watch the server's health besides.
  const auto plain = grpc::CreateChannel("127.0.0.1:" + std::to_string(server_->port()),
                                         grpc::InsecureChannelCredentials());
  EXPECT_THAT(CheckHealth(plain, "", absl::Seconds(10)), IsOk());
  ExpectSoon("grpc_server_started_total",
             {{"grpc_type", "unary"}, {"grpc_service", "other"}, {"grpc_method", "other"}}, 1);
  EXPECT_EQ(testing::SeriesCount(registry_, "grpc_server_started_total"), 6);
}

}  // namespace
}  // namespace tessera
