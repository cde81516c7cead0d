// SPDX-License-Identifier: Apache-2.0
//
// The front door before an inference service that does what the test says.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/client_identity.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "services/preprocess/hop/inference_client.h"
#include "services/preprocess/preprocess_server.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;
using absl::StatusCode;
using testing::FakeInferenceService;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;

const std::string& Picture() {
  static const auto* const picture =
      new std::string(testing::EncodeJpeg(testing::DrawGradient(64, 48)));
  return *picture;
}

api::StreamGenerateResponse TextEvent(const std::string& text) {
  api::StreamGenerateResponse event;
  event.mutable_text()->set_text(text);
  return event;
}

api::StreamGenerateResponse FinishedEvent() {
  api::StreamGenerateResponse event;
  event.mutable_finished()->mutable_usage()->set_output_tokens(1);
  return event;
}

// A stream may break a moment before its context says why.
bool IsCancelledSoon(grpc::ServerContext& rpc) {
  const absl::Time until = absl::Now() + absl::Seconds(10);
  while (!rpc.IsCancelled() && absl::Now() < until) absl::SleepFor(absl::Milliseconds(1));
  return rpc.IsCancelled();
}

api::GenerateRequest Ask(const std::vector<std::string>& files) {
  api::GenerateRequest request;
  request.set_request_id("r-1");
  api::Message& message = *request.add_messages();
  message.set_role(api::ROLE_USER);
  message.set_text("what?");
  for (const std::string& file : files) message.add_images()->set_content(file);
  return request;
}

class FrontDoorTest : public ::testing::Test {
 protected:
  FrontDoorTest() { InitLogging({.service = "test", .level = LogLevel::kOff}); }

  // Call when the service's functions are set.
  void StartServers() {
    auto inference =
        GrpcServer::Start({.services = {{FakeInferenceService::kName, &inference_}}}, registry_);
    ASSERT_THAT(inference, IsOk());
    inference_server_ = *std::move(inference);
    StartFront("127.0.0.1:" + std::to_string(inference_server_->port()));
  }

  void StartFront(const std::string& inference_address) {
    PreprocessConfig config;
    config.listen = config.metrics_listen = "127.0.0.1:0";
    config.inference_address = inference_address;
    config.worker_threads = 2;
    config.inference_check_interval = absl::Hours(1);
    auto front = PreprocessServer::Start(config);
    ASSERT_THAT(front, IsOk());
    front_ = *std::move(front);
    stub_ = api::InferenceService::NewStub(
        MakeClientChannel("127.0.0.1:" + std::to_string(front_->port())));
  }

  static std::unique_ptr<grpc::ClientContext> Soon() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    return context;
  }

  absl::StatusOr<api::GenerateResponse> Generate(const api::GenerateRequest& request) {
    api::GenerateResponse response;
    const absl::Status status = FromGrpcStatus(stub_->Generate(Soon().get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }

  absl::StatusOr<api::ClassifyResponse> Classify(const api::ClassifyRequest& request) {
    api::ClassifyResponse response;
    const absl::Status status = FromGrpcStatus(stub_->Classify(Soon().get(), request, &response));
    if (!status.ok()) return status;
    return response;
  }

  prometheus::Registry registry_;
  FakeInferenceService inference_;
  std::unique_ptr<GrpcServer> inference_server_;
  std::unique_ptr<PreprocessServer> front_;
  std::unique_ptr<api::InferenceService::Stub> stub_;
};

using ClientStream =
    grpc::ClientReaderWriter<api::StreamGenerateRequest, api::StreamGenerateResponse>;

void SendStart(ClientStream& stream, api::GenerateRequest start) {
  api::StreamGenerateRequest part;
  *part.mutable_start() = std::move(start);
  ASSERT_TRUE(stream.Write(part));
}

bool SendChunk(ClientStream& stream, const std::string& id, const std::string& data, bool last) {
  api::StreamGenerateRequest part;
  part.mutable_chunk()->set_stream_id(id);
  part.mutable_chunk()->set_data(data);
  part.mutable_chunk()->set_last(last);
  return stream.Write(part);
}

absl::Status ReadToEnd(ClientStream& stream, std::vector<api::StreamGenerateResponse>* events) {
  api::StreamGenerateResponse event;
  while (stream.Read(&event)) {
    if (events != nullptr) events->push_back(event);
  }
  return FromGrpcStatus(stream.Finish());
}

TEST_F(FrontDoorTest, PreparesThePicturesOfAStreamAndRelaysTheEvents) {
  std::vector<api::StreamGenerateRequest> received;
  inference_.stream_generate = [&](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
    api::StreamGenerateRequest part;
    while (stream.Read(&part)) received.push_back(part);
    stream.Write(TextEvent("a "));
    stream.Write(TextEvent("picture"));
    stream.Write(FinishedEvent());
    return grpc::Status::OK;
  };
  StartServers();
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  api::GenerateRequest start = Ask({Picture()});
  start.mutable_messages(0)->add_images()->set_stream_id("later");
  SendStart(*stream, start);
  EXPECT_TRUE(SendChunk(*stream, "later", Picture().substr(0, 100), false));
  EXPECT_TRUE(SendChunk(*stream, "later", Picture().substr(100), true));
  stream->WritesDone();
  std::vector<api::StreamGenerateResponse> events;
  EXPECT_THAT(ReadToEnd(*stream, &events), IsOk());

  ASSERT_EQ(received.size(), 3);
  EXPECT_EQ(received[0].start().request_id(), "r-1");
  EXPECT_EQ(received[0].start().messages(0).images(1).stream_id(), "later");
  for (int i = 1; i < 3; ++i) {
    EXPECT_EQ(received[i].image().image().prepared().width_px(), 64);
    EXPECT_FALSE(received[i].image().image().prepared().data().empty());
  }
  std::string text;
  std::vector<uint32_t> prepared;
  for (const api::StreamGenerateResponse& event : events) {
    text += event.text().text();
    if (event.has_image_prepared()) prepared.push_back(event.image_prepared().index());
  }
  EXPECT_EQ(text, "a picture");
  EXPECT_THAT(prepared, ::testing::UnorderedElementsAre(0, 1));
  ASSERT_TRUE(events.back().has_finished());
  EXPECT_TRUE(events.back().finished().timings().has_preprocess());
}

TEST_F(FrontDoorTest, PreparesThePicturesOfAUnaryCallAndPassesTheRestOnAsItIs) {
  api::GenerateRequest received;
  std::string client;
  inference_.on_unary_call = [&](const grpc::CallbackServerContext& rpc) {
    client = ClientOf(rpc);
  };
  inference_.generate = [&](const api::GenerateRequest& request, api::GenerateResponse& response) {
    received = request;
    response.set_text("one two");
    response.set_thinking("hm");
    response.add_tool_calls()->set_name("weather");
    response.add_logprobs()->set_logprob(-1);
    response.mutable_completion()->mutable_usage()->set_output_tokens(1);
    response.GetReflection()->MutableUnknownFields(&response)->AddVarint(1'999, 7);
    return grpc::Status::OK;
  };
  StartServers();
  api::GenerateRequest request = Ask({Picture(), Picture()});
  request.mutable_response_format()->set_json_schema("{}");
  request.set_thinking(api::THINKING_LOW);
  request.add_tools()->set_name("weather");
  request.mutable_runtime()->set_num_ctx(2'048);
  request.set_cache_policy(api::CACHE_POLICY_REFRESH);
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(1'998, 8);
  api::GenerateResponse response;
  auto context = Soon();
  context->AddMetadata(kClientKey, "team-blue");
  ASSERT_THAT(FromGrpcStatus(stub_->Generate(context.get(), request, &response)), IsOk());

  EXPECT_EQ(client, "team-blue");
  ASSERT_EQ(received.messages(0).images_size(), 2);
  for (image::v1::Image& image : *received.mutable_messages(0)->mutable_images()) {
    EXPECT_EQ(image.prepared().width_px(), 64);
  }
  request.mutable_messages(0)->clear_images();
  received.mutable_messages(0)->clear_images();
  EXPECT_EQ(received.SerializeAsString(), request.SerializeAsString());

  EXPECT_EQ(response.text(), "one two");
  EXPECT_EQ(response.thinking(), "hm");
  EXPECT_EQ(response.tool_calls_size(), 1);
  EXPECT_EQ(response.logprobs_size(), 1);
  EXPECT_EQ(response.completion().usage().output_tokens(), 1);
  EXPECT_TRUE(response.completion().timings().has_preprocess());
  ASSERT_EQ(response.images_size(), 2);
  EXPECT_EQ(response.images(0).index(), 0);
  EXPECT_EQ(response.images(1).index(), 1);
  const auto& unknown = response.GetReflection()->GetUnknownFields(response);
  ASSERT_EQ(unknown.field_count(), 1);
  EXPECT_EQ(unknown.field(0).varint(), 7);
}

TEST_F(FrontDoorTest, PassesTextsForVectorsOn) {
  inference_.embed = [](const api::EmbedRequest& request, api::EmbedResponse& response) {
    for (int i = 0; i < request.texts_size(); ++i) response.add_embeddings()->add_values(0.5F);
    return grpc::Status::OK;
  };
  StartServers();
  api::EmbedRequest request;
  request.set_model("m");
  request.add_texts("a");
  request.add_texts("b");
  api::EmbedResponse response;
  ASSERT_THAT(FromGrpcStatus(stub_->Embed(Soon().get(), request, &response)), IsOk());
  EXPECT_EQ(response.embeddings_size(), 2);
  EXPECT_FALSE(response.completion().timings().has_preprocess());
}

TEST_F(FrontDoorTest, RelaysEventsThatItDoesNotKnow) {
  inference_.stream_generate = [](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
    api::StreamGenerateRequest part;
    while (stream.Read(&part)) {
    }
    api::StreamGenerateResponse event;
    event.mutable_queued()->set_position(3);
    stream.Write(event);
    event.mutable_thinking()->set_text("hm");
    stream.Write(event);
    event.mutable_tool_call()->set_name("weather");
    stream.Write(event);
    event.Clear();
    event.GetReflection()->MutableUnknownFields(&event)->AddVarint(1'999, 7);
    stream.Write(event);
    stream.Write(FinishedEvent());
    return grpc::Status::OK;
  };
  StartServers();
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  SendStart(*stream, Ask({}));
  stream->WritesDone();
  std::vector<api::StreamGenerateResponse> events;
  EXPECT_THAT(ReadToEnd(*stream, &events), IsOk());
  ASSERT_EQ(events.size(), 5);
  EXPECT_EQ(events[0].queued().position(), 3);
  EXPECT_EQ(events[1].thinking().text(), "hm");
  EXPECT_EQ(events[2].tool_call().name(), "weather");
  EXPECT_EQ(events[3].GetReflection()->GetUnknownFields(events[3]).field_count(), 1);
}

TEST_F(FrontDoorTest, PassesATextOnAsItCame) {
  inference_.generate = [](const api::GenerateRequest& request, api::GenerateResponse& response) {
    response.set_text(request.messages(0).text() + " " + request.request_id());
    return grpc::Status::OK;
  };
  StartServers();
  const auto response = Generate(Ask({}));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->text(), "what? r-1");
}

TEST_F(FrontDoorTest, ClassifiesPreparedPictures) {
  inference_.classify = [](const api::ClassifyRequest& request, api::ClassifyResponse& response) {
    response.set_label(request.images(0).prepared().data().empty() ? "none" : "cat");
    return grpc::Status::OK;
  };
  StartServers();
  api::ClassifyRequest request;
  request.add_images()->set_content(Picture());
  request.add_labels("cat");
  const auto response = Classify(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->label(), "cat");
  ASSERT_EQ(response->images_size(), 1);
  EXPECT_EQ(response->images(0).width_px(), 64);
  EXPECT_TRUE(response->completion().timings().has_preprocess());
}

TEST_F(FrontDoorTest, EndsWhenInferenceRefusesWhileTheCallerIsStillUploading) {
  inference_.stream_generate = [](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
    api::StreamGenerateRequest part;
    stream.Read(&part);
    return ToGrpcStatus(MakeError(StatusCode::kNotFound, "MODEL_NOT_FOUND", "no such model",
                                  {.metadata = {{"requestId", "theirs"}}}));
  };
  StartServers();
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  api::GenerateRequest start = Ask({});
  start.mutable_messages(0)->add_images()->set_stream_id("never");
  SendStart(*stream, start);
  SendChunk(*stream, "never", "the beginning", false);
  const absl::Status status = ReadToEnd(*stream, nullptr);
  EXPECT_THAT(status, IsError(StatusCode::kNotFound, "MODEL_NOT_FOUND"));
  EXPECT_EQ(MetadataOf(status, "requestId"), "theirs");
}

TEST_F(FrontDoorTest, ABadPictureEndsTheCallBeforeItGoesOn) {
  StartServers();
  const auto response = Generate(Ask({Picture(), Picture().substr(0, 300)}));
  EXPECT_EQ(response.status().code(), StatusCode::kInvalidArgument) << response.status();
  EXPECT_THAT(ReasonOf(response.status()), ::testing::StartsWith("IMAGE_"));
  EXPECT_EQ(MetadataOf(response.status(), "imageIndex"), "1");
  EXPECT_EQ(MetadataOf(response.status(), "requestId"), "r-1");
  EXPECT_EQ(inference_.calls(), 0);
}

TEST_F(FrontDoorTest, ABadPictureEndsAStreamAndTheOneBehindIt) {
  Notification hop_cancelled;
  inference_.stream_generate = [&](grpc::ServerContext& rpc, FakeInferenceService::Stream& stream) {
    api::StreamGenerateRequest part;
    while (stream.Read(&part)) {
    }
    if (IsCancelledSoon(rpc)) hop_cancelled.Notify();
    return grpc::Status::CANCELLED;
  };
  StartServers();
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  SendStart(*stream, Ask({Picture(), Picture().substr(0, 300)}));
  stream->WritesDone();
  const absl::Status status = ReadToEnd(*stream, nullptr);
  EXPECT_THAT(ReasonOf(status), ::testing::StartsWith("IMAGE_"));
  EXPECT_EQ(MetadataOf(status, "imageIndex"), "1");
  // The picture may be found bad before the hop's call is on its way.
  EXPECT_TRUE(hop_cancelled.WaitFor(absl::Seconds(10)) || inference_.calls() == 0);
}

TEST_F(FrontDoorTest, ACallerWhoLeavesTakesTheHopAlong) {
  Notification started, hop_cancelled;
  inference_.stream_generate = [&](grpc::ServerContext& rpc, FakeInferenceService::Stream& stream) {
    started.Notify();
    api::StreamGenerateRequest part;
    while (stream.Read(&part)) {
    }
    if (IsCancelledSoon(rpc)) hop_cancelled.Notify();
    return grpc::Status::CANCELLED;
  };
  StartServers();
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  api::GenerateRequest start = Ask({Picture()});
  start.mutable_messages(0)->add_images()->set_stream_id("later");
  SendStart(*stream, start);
  ASSERT_TRUE(started.WaitFor(absl::Seconds(10)));
  context->TryCancel();
  EXPECT_TRUE(hop_cancelled.WaitFor(absl::Seconds(10)));
  EXPECT_EQ(ReadToEnd(*stream, nullptr).code(), StatusCode::kCancelled);
}

TEST_F(FrontDoorTest, MistakesCarryTheirRequestIdAndReachNobody) {
  StartServers();
  api::GenerateRequest generate = Ask({Picture()});
  generate.mutable_image_options()->set_max_side_px(5);
  const auto generated = Generate(generate);
  EXPECT_THAT(generated, IsInvalidField("image_options.max_side_px"));
  EXPECT_EQ(MetadataOf(generated.status(), "requestId"), "r-1");

  api::ClassifyRequest classify;
  classify.set_request_id("not an id");
  classify.add_images()->set_content(Picture());
  const auto classified = Classify(classify);
  EXPECT_THAT(classified, IsInvalidField("request_id"));
  EXPECT_EQ(MetadataOf(classified.status(), "requestId").size(), 16);

  for (const bool with_start : {false, true}) {
    auto context = Soon();
    auto stream = stub_->StreamGenerate(context.get());
    if (with_start) {
      api::GenerateRequest start = Ask({});
      start.set_request_id("bad id");
      SendStart(*stream, start);
    }
    stream->WritesDone();
    const absl::Status status = ReadToEnd(*stream, nullptr);
    EXPECT_EQ(ReasonOf(status), with_start ? "FIELD_INVALID" : "REQUEST_MALFORMED");
    EXPECT_EQ(MetadataOf(status, "requestId").size(), 16);
  }
  EXPECT_EQ(inference_.calls(), 0);
}

TEST_F(FrontDoorTest, AHalfClosedStreamMissesItsPictures) {
  inference_.stream_generate = [](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
    api::StreamGenerateRequest part;
    while (stream.Read(&part)) {
    }
    return grpc::Status::CANCELLED;
  };
  StartServers();
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  api::GenerateRequest start = Ask({Picture()});
  start.mutable_messages(0)->add_images()->set_stream_id("never");
  SendStart(*stream, start);
  stream->WritesDone();
  const absl::Status status = ReadToEnd(*stream, nullptr);
  EXPECT_THAT(status, IsError(StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_EQ(MetadataOf(status, "requestId"), "r-1");
}

TEST_F(FrontDoorTest, CutsOffACallerWhoDoesNotRead) {
  Notification over;
  inference_.stream_generate = [&](grpc::ServerContext&, FakeInferenceService::Stream& stream) {
    api::StreamGenerateRequest part;
    while (stream.Read(&part)) {
    }
    // More than is kept for a caller, and than the network holds.
    for (int i = 0; i < 64; ++i) {
      if (!stream.Write(TextEvent(std::string(1 << 20, 'x')))) break;
    }
    over.Notify();
    return grpc::Status::OK;
  };
  StartServers();
  auto context = Soon();
  auto stream = stub_->StreamGenerate(context.get());
  SendStart(*stream, Ask({}));
  stream->WritesDone();
  ASSERT_TRUE(over.WaitFor(absl::Seconds(20)));
  std::vector<api::StreamGenerateResponse> events;
  EXPECT_THAT(ReadToEnd(*stream, &events),
              IsError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
  EXPECT_LT(events.size(), 64);
}

TEST_F(FrontDoorTest, SaysThatInferenceIsNotThere) {
  StartFront("127.0.0.1:1");
  for (const auto& request : {Ask({}), Ask({Picture()})}) {
    const auto response = Generate(request);
    EXPECT_THAT(response, IsError(StatusCode::kUnavailable, "INFERENCE_UNREACHABLE"));
    EXPECT_EQ(MetadataOf(response.status(), "requestId"), "r-1");
  }
}

TEST_F(FrontDoorTest, ManyCallsAtOnceKeepApart) {
  inference_.generate = [](const api::GenerateRequest& request, api::GenerateResponse& response) {
    response.set_text(request.request_id() + "/" +
                      std::to_string(request.messages(0).images_size()));
    return grpc::Status::OK;
  };
  StartServers();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const int pictures = 1 + (t + i) % 3;
        api::GenerateRequest request = Ask(std::vector<std::string>(pictures, Picture()));
        request.set_request_id("r-" + std::to_string(t) + "-" + std::to_string(i));
        const auto response = Generate(request);
        ASSERT_THAT(response, IsOk());
        EXPECT_EQ(response->text(), request.request_id() + "/" + std::to_string(pictures));
        EXPECT_EQ(response->images_size(), pictures);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(StatusFromHopTest, KeepsInferencesOwnErrors) {
  const absl::Status error = MakeError(StatusCode::kNotFound, "MODEL_NOT_FOUND", "none",
                                       {.metadata = {{"requestId", "r-1"}}});
  EXPECT_EQ(StatusFromHop(ToGrpcStatus(error)), error);
  EXPECT_THAT(StatusFromHop(grpc::Status::OK), IsOk());
}

TEST(StatusFromHopTest, GivesErrorsOfTheTransportAReason) {
  for (const auto& [code, expected_code, reason] :
       std::vector<std::tuple<grpc::StatusCode, StatusCode, std::string>>{
           {grpc::StatusCode::UNAVAILABLE, StatusCode::kUnavailable, "INFERENCE_UNREACHABLE"},
           {grpc::StatusCode::DEADLINE_EXCEEDED, StatusCode::kDeadlineExceeded,
            "DEADLINE_EXCEEDED"},
           {grpc::StatusCode::CANCELLED, StatusCode::kCancelled, "CANCELLED"},
           {grpc::StatusCode::RESOURCE_EXHAUSTED, StatusCode::kResourceExhausted,
            "INFERENCE_FAILED"},
           {grpc::StatusCode::UNIMPLEMENTED, StatusCode::kUnimplemented, "INFERENCE_FAILED"}}) {
    EXPECT_THAT(StatusFromHop(grpc::Status(code, "m")), IsError(expected_code, reason));
  }
}

}  // namespace
}  // namespace tessera::preprocess
