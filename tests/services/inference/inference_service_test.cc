// SPDX-License-Identifier: Apache-2.0
//
// The GPU host's door before an engine that does what the test says.
#include "services/inference/inference_service.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/worker_pool.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "tests/support/direct_dispatcher.h"
#include "tests/support/fake_model_engine.h"
#include "tests/support/metric_values.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::FakeChat;
using testing::FakeModelEngine;
using ::testing::HasSubstr;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;
using testing::MetricValue;

v1::GenerateRequest Ask(const std::string& text) {
  v1::GenerateRequest request;
  request.set_request_id("r-1");
  v1::Message& message = *request.add_messages();
  message.set_role(v1::ROLE_USER);
  message.set_text(text);
  return request;
}

v1::StreamGenerateRequest StartPart(const v1::GenerateRequest& start) {
  v1::StreamGenerateRequest part;
  *part.mutable_start() = start;
  return part;
}

v1::StreamGenerateRequest PicturePart(const std::string& id) {
  v1::StreamGenerateRequest part;
  part.mutable_image()->set_stream_id(id);
  part.mutable_image()->mutable_image()->mutable_prepared()->set_data("jpeg of " + id);
  return part;
}

v1::ClassifyRequest AskForLabel() {
  v1::ClassifyRequest request;
  request.set_request_id("r-1");
  request.set_text("It barks.");
  request.add_labels("cat");
  request.add_labels("dog");
  return request;
}

struct StreamEnd {
  absl::Status status;
  std::vector<v1::StreamGenerateResponse> events;
};

class InferenceServiceTest : public ::testing::Test {
 protected:
  InferenceServiceTest() {
    InitLogging({.service = "test", .level = LogLevel::kOff});
    auto server = GrpcServer::Start(
        {.services = {{"tessera.inference.v1.InferenceService", &service_}}}, registry_);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    stub_ = v1::InferenceService::NewStub(
        MakeClientChannel("127.0.0.1:" + std::to_string(server_->port())));
  }

  static std::unique_ptr<grpc::ClientContext> Soon(absl::Duration timeout = absl::Seconds(30)) {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    return context;
  }

  absl::StatusOr<v1::GenerateResponse> Generate(const v1::GenerateRequest& request) {
    v1::GenerateResponse response;
    const absl::Status status = FromGrpcStatus(stub_->Generate(Soon().get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<v1::ClassifyResponse> Classify(const v1::ClassifyRequest& request) {
    v1::ClassifyResponse response;
    const absl::Status status = FromGrpcStatus(stub_->Classify(Soon().get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }

  // Sends the parts, half-closes and reads to the end.
  StreamEnd Stream(const std::vector<v1::StreamGenerateRequest>& parts) {
    auto context = Soon();
    auto stream = stub_->StreamGenerate(context.get());
    for (const auto& part : parts) {
      if (!stream->Write(part)) break;
    }
    stream->WritesDone();
    StreamEnd end;
    v1::StreamGenerateResponse event;
    while (stream->Read(&event)) end.events.push_back(event);
    end.status = FromGrpcStatus(stream->Finish());
    return end;
  }

  void Answer(const std::string& text, const ChatOutcome& outcome = {}) {
    engine_.on_chat = [=](FakeChat& chat) {
      absl::Status status = chat.Piece(text);
      if (status.ok()) {
        chat.End(outcome);
      } else {
        chat.End(status);
      }
    };
  }

  bool Becomes(const std::function<bool()>& met) {
    const absl::Time until = absl::Now() + absl::Seconds(10);
    while (!met() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(1));
    return met();
  }

  std::optional<double> Errors(const std::string& reason) {
    return MetricValue(registry_, "tessera_inference_errors_total", {{"reason", reason}});
  }
  std::optional<double> InFlight() {
    return MetricValue(registry_, "tessera_inference_requests_in_flight");
  }

  prometheus::Registry registry_;
  InferenceMetrics metrics_{registry_, {"llama3.2-custom"}};
  ModelCatalog catalog_;
  InFlightLimit limit_{4, 100 << 20};
  FakeModelEngine engine_;
  WorkerPool pool_{{.threads = 1, .max_queued = 8}};
  DirectDispatcher dispatcher_{engine_, limit_, pool_};
  InferenceContext context_{.dispatcher = dispatcher_,
                            .catalog = catalog_,
                            .metrics = metrics_,
                            .defaults = {},
                            .max_reply_bytes = 1'000,
                            .max_unsent_bytes = 1 << 20};
  InferenceService service_{context_};
  std::unique_ptr<GrpcServer> server_;
  std::unique_ptr<v1::InferenceService::Stub> stub_;
};

TEST_F(InferenceServiceTest, GeneratesAWholeAnswer) {
  engine_.on_chat = [](FakeChat& chat) {
    EXPECT_THAT(chat.Piece("good "), IsOk());
    EXPECT_THAT(chat.Piece("day"), IsOk());
    chat.End(ChatOutcome{.finish = ChatFinish::kStop, .prompt_tokens = 3, .output_tokens = 2});
  };
  const auto response = Generate(Ask("hello"));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->text(), "good day");
  EXPECT_EQ(response->completion().finish_reason(), v1::FINISH_REASON_STOP);
  EXPECT_EQ(response->completion().model(), "llama3.2-custom");
  EXPECT_EQ(response->completion().request_id(), "r-1");
}

TEST_F(InferenceServiceTest, StreamsStartedTextAndFinished) {
  Answer("good day", {.output_tokens = 2});
  const StreamEnd end = Stream({StartPart(Ask("hello"))});
  EXPECT_THAT(end.status, IsOk());
  ASSERT_EQ(end.events.size(), 3);
  EXPECT_EQ(end.events[0].started().request_id(), "r-1");
  EXPECT_EQ(end.events[0].started().model(), "llama3.2-custom");
  EXPECT_EQ(end.events[1].text().text(), "good day");
  EXPECT_EQ(end.events[2].finished().usage().output_tokens(), 2);
}

TEST_F(InferenceServiceTest, WaitsForThePicturesThatStartPromises) {
  Answer("two pictures");
  v1::GenerateRequest start = Ask("what?");
  for (const char* id : {"a", "b"}) start.mutable_messages(0)->add_images()->set_stream_id(id);
  const StreamEnd end = Stream({StartPart(start), PicturePart("b"), PicturePart("a")});
  EXPECT_THAT(end.status, IsOk());
  EXPECT_EQ(engine_.chats().at(0)->images(), std::vector<std::string>({"jpeg of a", "jpeg of b"}));
}

TEST_F(InferenceServiceTest, NeedsNoHalfCloseWhenEverythingIsThere) {
  Answer("yes");
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  ASSERT_TRUE(stream->Write(StartPart(Ask("hello"))));
  v1::StreamGenerateResponse event;
  int events = 0;
  while (stream->Read(&event)) ++events;
  EXPECT_EQ(events, 3);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(InferenceServiceTest, RefusesStreamsThatMakeNoRequest) {
  v1::GenerateRequest promising = Ask("what?");
  promising.mutable_messages(0)->add_images()->set_stream_id("a");
  v1::StreamGenerateRequest file;
  file.mutable_image()->set_stream_id("a");
  file.mutable_image()->mutable_image()->set_content("file");
  v1::StreamGenerateRequest chunk;
  chunk.mutable_chunk()->set_stream_id("a");
  struct Row {
    std::vector<v1::StreamGenerateRequest> parts;
    std::string reason;
  };
  for (const Row& row : std::vector<Row>{
           {{}, "REQUEST_MALFORMED"},
           {{v1::StreamGenerateRequest()}, "REQUEST_MALFORMED"},
           {{PicturePart("a")}, "REQUEST_MALFORMED"},
           {{StartPart(promising)}, "REQUEST_MALFORMED"},
           {{StartPart(promising), StartPart(promising)}, "REQUEST_MALFORMED"},
           {{StartPart(promising), PicturePart("b")}, "REQUEST_MALFORMED"},
           {{StartPart(promising), file}, "IMAGE_NOT_PREPARED"},
           {{StartPart(promising), chunk}, "IMAGE_NOT_PREPARED"},
           {{StartPart(Ask(""))}, "FIELD_INVALID"},
       }) {
    const StreamEnd end = Stream(row.parts);
    EXPECT_THAT(end.status, IsError(StatusCode::kInvalidArgument, row.reason));
    EXPECT_TRUE(end.events.empty());
    EXPECT_FALSE(MetadataOf(end.status, "requestId").empty()) << end.status;
  }
  EXPECT_TRUE(engine_.chats().empty());
  EXPECT_EQ(Errors("REQUEST_MALFORMED"), 6);
  EXPECT_EQ(Errors("IMAGE_NOT_PREPARED"), 2);
}

TEST_F(InferenceServiceTest, MistakesCarryTheirRequestIdAndAreLogged) {
  ::testing::internal::CaptureStderr();
  InitLogging({.service = "test"});
  const auto generated = Generate(Ask(""));
  v1::ClassifyRequest classify = AskForLabel();
  classify.clear_labels();
  const auto classified = Classify(classify);
  v1::GenerateRequest bad_id = Ask("hello");
  bad_id.set_request_id("not an id");
  const auto refused = Generate(bad_id);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(generated, IsInvalidField("messages[0]"));
  EXPECT_EQ(MetadataOf(generated.status(), "requestId"), "r-1");
  EXPECT_THAT(classified, IsError(StatusCode::kInvalidArgument, "LABELS_EMPTY"));
  EXPECT_EQ(MetadataOf(classified.status(), "requestId"), "r-1");
  EXPECT_THAT(refused, IsInvalidField("request_id"));
  EXPECT_EQ(MetadataOf(refused.status(), "requestId").size(), 16);
  for (const char* text : {R"("level":"info")", R"("request_id":"r-1")", R"("method":"Generate")",
                           R"("method":"Classify")", R"("reason":"LABELS_EMPTY")"}) {
    EXPECT_THAT(log, HasSubstr(text));
  }
}

TEST_F(InferenceServiceTest, ClassifiesWithConfidenceWhereTheEngineReportsIt) {
  catalog_.Replace({.reachable = true, .version = "0.17.4"});
  engine_.on_chat = [](FakeChat& chat) {
    EXPECT_TRUE(chat.logprobs());
    EXPECT_EQ(chat.sampling().temperature, 0);
    EXPECT_THAT(chat.format_json(), HasSubstr("enum"));
    EXPECT_THAT(chat.Piece("{\"label\":\"", {{"{\"label\":\"", -9}}), IsOk());
    EXPECT_THAT(chat.Piece("dog", {{"dog", 0}}), IsOk());
    EXPECT_THAT(chat.Piece("\"}", {{"\"}", -9}}), IsOk());
    chat.End(ChatOutcome{});
  };
  const auto response = Classify(AskForLabel());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->label(), "dog");
  ASSERT_TRUE(response->has_confidence());
  EXPECT_EQ(response->confidence(), 1);
}

TEST_F(InferenceServiceTest, DoesNotAskAnOldEngineForProbabilities) {
  catalog_.Replace({.reachable = true, .version = "0.12.10"});
  engine_.on_chat = [](FakeChat& chat) {
    EXPECT_FALSE(chat.logprobs());
    EXPECT_THAT(chat.Piece(R"({"label": "cat"})"), IsOk());
    chat.End(ChatOutcome{});
  };
  const auto response = Classify(AskForLabel());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->label(), "cat");
  EXPECT_FALSE(response->has_confidence());
}

TEST_F(InferenceServiceTest, AnAnswerThatIsNoLabelIsTheEnginesFault) {
  Answer(R"({"label": "bird"})");
  const auto response = Classify(AskForLabel());
  EXPECT_THAT(response, IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"));
  EXPECT_EQ(MetadataOf(response.status(), "requestId"), "r-1");
  EXPECT_EQ(Errors("CLASSIFICATION_INVALID"), 1);
}

TEST_F(InferenceServiceTest, BoundsTheAnswerOfAUnaryCall) {
  Answer(std::string(1'001, 'x'));
  EXPECT_THAT(Generate(Ask("hello")), IsError(StatusCode::kResourceExhausted, "REPLY_TOO_LARGE"));
  Answer(std::string(1'000, 'x'));
  EXPECT_THAT(Generate(Ask("hello")), IsOk());
}

TEST_F(InferenceServiceTest, CutsOffACallerWhoDoesNotRead) {
  engine_.on_chat = [](FakeChat& chat) {
    absl::Status status;
    for (int i = 0; i < 1'000 && status.ok(); ++i) status = chat.Piece(std::string(100'000, 'x'));
    EXPECT_THAT(status, IsError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
    chat.End(status);
  };
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  ASSERT_TRUE(stream->Write(StartPart(Ask("hello"))));
  ASSERT_TRUE(Becomes([&] { return InFlight() == 0 && !engine_.chats().empty(); }));
  v1::StreamGenerateResponse event;
  while (stream->Read(&event)) {
  }
  EXPECT_THAT(FromGrpcStatus(stream->Finish()),
              IsError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
}

TEST_F(InferenceServiceTest, ACancelledUnaryCallReachesTheEngine) {
  auto context = Soon();
  grpc::Status status;
  std::thread call([&] {
    v1::GenerateResponse response;
    status = stub_->Generate(context.get(), Ask("hello"), &response);
  });
  const auto chat = engine_.WaitForChat(0);
  context->TryCancel();
  call.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(Becomes([&] { return chat->cancelled(); }));
  EXPECT_EQ(InFlight(), 1) << "the engine still holds it";
  chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  EXPECT_EQ(InFlight(), 0);
}

TEST_F(InferenceServiceTest, ACancelledStreamReachesTheEngine) {
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  ASSERT_TRUE(stream->Write(StartPart(Ask("hello"))));
  const auto chat = engine_.WaitForChat(0);
  EXPECT_THAT(chat->Piece("first"), IsOk());
  v1::StreamGenerateResponse event;
  ASSERT_TRUE(stream->Read(&event));
  context->TryCancel();
  EXPECT_TRUE(Becomes([&] { return chat->cancelled(); }));
  EXPECT_THAT(chat->Piece("nobody reads this"), IsError(StatusCode::kCancelled, "CANCELLED"));
  chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  while (stream->Read(&event)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cancelled_total"), 1);
}

TEST_F(InferenceServiceTest, ACallerWhoLeavesWhileUploadingIsNotSaidToHaveErred) {
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  v1::GenerateRequest start = Ask("what?");
  for (const char* id : {"a", "b"}) start.mutable_messages(0)->add_images()->set_stream_id(id);
  ASSERT_TRUE(stream->Write(StartPart(start)));
  ASSERT_TRUE(stream->Write(PicturePart("a")));
  ASSERT_TRUE(Becomes([&] {
    return MetricValue(registry_, "grpc_server_msg_received_total",
                       {{"grpc_type", "bidi_stream"},
                        {"grpc_service", "tessera.inference.v1.InferenceService"},
                        {"grpc_method", "StreamGenerate"}}) == 2;
  }));
  context->TryCancel();
  EXPECT_TRUE(
      Becomes([&] { return MetricValue(registry_, "tessera_inference_cancelled_total") == 1; }));
  EXPECT_EQ(Errors("REQUEST_MALFORMED"), 0);
  EXPECT_TRUE(engine_.chats().empty());
}

TEST_F(InferenceServiceTest, TheCallersDeadlineReachesTheEngine) {
  const absl::Time before = absl::Now();
  auto context = Soon(absl::Seconds(7));
  std::thread call([&] {
    v1::GenerateResponse response;
    EXPECT_TRUE(stub_->Generate(context.get(), Ask("hello"), &response).ok());
  });
  const auto chat = engine_.WaitForChat(0);
  EXPECT_GT(chat->deadline(), before + absl::Seconds(6));
  EXPECT_LT(chat->deadline(), absl::Now() + absl::Seconds(8));
  chat->End(ChatOutcome{});
  call.join();
}

TEST_F(InferenceServiceTest, ManyCallsAtOnceKeepApartAndLeaveNothingBehind) {
  engine_.on_chat = [](FakeChat& chat) {
    const absl::Status status = chat.Piece(chat.texts().at(0).substr(0, 20));
    chat.End(status.ok() ? absl::StatusOr<ChatOutcome>(ChatOutcome{}) : status);
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string text = "question " + std::to_string(t * 100 + i) + " ";
        // Every other one is large enough for the pool.
        const v1::GenerateRequest request = Ask(text + std::string(i % 2 * 100'000, 'x'));
        if (i % 3 == 0) {
          const StreamEnd end = Stream({StartPart(request)});
          EXPECT_THAT(end.status, IsOk());
        } else {
          const auto response = Generate(request);
          EXPECT_THAT(response, IsOk());
          if (response.ok()) {
            EXPECT_EQ(response->text().substr(0, text.size()), text);
          }
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(InFlight(), 0);
}

}  // namespace
}  // namespace tessera::inference
