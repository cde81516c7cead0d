// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/call_tracing.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/health_check.h"
#include "common/status/error.h"
#include "common/tracing/tracing.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/recording_span_sink.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

namespace api = inference::v1;
using testing::FakeInferenceService;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::RecordedSpan;

constexpr char kHeader[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kTraceId[] = "0af7651916cd43dd8448eb211c80319c";

class CallTracingTest : public ::testing::Test {
 protected:
  CallTracingTest() {
    service_.generate = [](const api::GenerateRequest& request, api::GenerateResponse&) {
      if (request.model() != "absent") return grpc::Status::OK;
      return ToGrpcStatus(MakeError(absl::StatusCode::kNotFound, "MODEL_NOT_FOUND", "no such",
                                    {.metadata = {{"requestId", "r-1"}}}));
    };
    service_.stream_generate = [this](grpc::ServerContext& rpc, FakeInferenceService::Stream&) {
      seen_ = TraceOf(rpc);
      grpc::ClientContext next;
      ContinueTrace(rpc, next);
      return grpc::Status::OK;
    };
    auto server =
        GrpcServer::Start({.services = {{FakeInferenceService::kName, &service_}}}, registry_);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    channel_ = MakeClientChannel("127.0.0.1:" + std::to_string(server_->port()));
    stub_ = api::InferenceService::NewStub(channel_);
  }
  ~CallTracingTest() override { StopTracing(absl::ZeroDuration()); }

  absl::Status Generate(const std::string& model, const char* header) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    if (header != nullptr) context.AddMetadata(kTraceparent, header);
    api::GenerateRequest request;
    request.set_model(model);
    api::GenerateResponse response;
    return FromGrpcStatus(stub_->Generate(&context, request, &response));
  }

  void StreamGenerate(const char* header) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata(kTraceparent, header);
    auto stream = stub_->StreamGenerate(&context);
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }

  // The server's own thread records the end of a call, perhaps after the client has seen it.
  std::vector<RecordedSpan> SpansSoon(size_t count) {
    const absl::Time until = absl::Now() + absl::Seconds(10);
    while (sink_->spans().size() < count && absl::Now() < until) {
      absl::SleepFor(absl::Milliseconds(1));
    }
    EXPECT_EQ(sink_->spans().size(), count);
    return sink_->spans();
  }

  const std::shared_ptr<testing::RecordingSpanSink> sink_ =
      std::make_shared<testing::RecordingSpanSink>();
  prometheus::Registry registry_;
  FakeInferenceService service_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<api::InferenceService::Stub> stub_;
  TraceContext seen_;
};

TEST_F(CallTracingTest, RecordsOneSpanPerCallInTheCallersTrace) {
  StartTracing(sink_, 0);
  ASSERT_THAT(Generate("m", kHeader), IsOk());
  const auto spans = SpansSoon(1);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].context.TraceId(), kTraceId);
  EXPECT_EQ(spans[0].parent_span_id, 0xb7ad6b7169203331u);
  EXPECT_EQ(spans[0].kind, SpanKind::kServer);
  EXPECT_EQ(spans[0].name, "tessera.inference.v1.InferenceService/Generate");
  EXPECT_EQ(spans[0].numbers.at("rpc.grpc.status_code"), 0);
  EXPECT_EQ(spans[0].error, "");
}

TEST_F(CallTracingTest, CallObjectsSeeTheCallsOwnSpan) {
  StartTracing(sink_, 0);
  StreamGenerate(kHeader);
  const auto spans = SpansSoon(1);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(seen_, spans[0].context);
}

TEST_F(CallTracingTest, ErrorsNameTheTrace) {
  StartTracing(sink_, 0);
  const absl::Status error = Generate("absent", kHeader);
  EXPECT_EQ(ReasonOf(error), "MODEL_NOT_FOUND");
  EXPECT_EQ(MetadataOf(error, "traceId"), kTraceId);
  EXPECT_EQ(SpansSoon(1)[0].error, "MODEL_NOT_FOUND");
}

TEST_F(CallTracingTest, FailedCallsAreLoggedOnceWithTheirIds) {
  ::testing::internal::CaptureStderr();
  InitLogging({.service = "test"});
  Generate("absent", kHeader).IgnoreError();
  ASSERT_THAT(Generate("m", kHeader), IsOk());
  server_.reset();
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const char* text :
       {R"("level":"info")", R"("method":"Generate")", R"("request_id":"r-1")",
        R"("trace_id":"0af7651916cd43dd8448eb211c80319c")", R"("reason":"MODEL_NOT_FOUND")",
        R"("code":"NOT_FOUND")", R"("error":"no such")"}) {
    EXPECT_THAT(log, HasSubstr(text));
  }
  EXPECT_EQ(log.find("call failed"), log.rfind("call failed"));
}

TEST_F(CallTracingTest, PassesTracesOnWhileOff) {
  StreamGenerate(kHeader);
  EXPECT_EQ(FormatTraceparent(seen_), kHeader);
  EXPECT_EQ(MetadataOf(Generate("absent", kHeader), "traceId"), kTraceId);
  EXPECT_EQ(MetadataOf(Generate("absent", nullptr), "traceId"), "");
}

TEST_F(CallTracingTest, IgnoresWhatIsNoHeader) {
  StreamGenerate("00-nothing");
  EXPECT_FALSE(seen_.valid());
}

TEST_F(CallTracingTest, HealthChecksAreNotTraced) {
  StartTracing(sink_, 1);
  ASSERT_THAT(CheckHealth(channel_, "", absl::Seconds(10)), IsOk());
  ASSERT_THAT(Generate("m", nullptr), IsOk());
  EXPECT_EQ(SpansSoon(1)[0].name, "tessera.inference.v1.InferenceService/Generate");
}

}  // namespace
}  // namespace tessera
