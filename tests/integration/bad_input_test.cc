// SPDX-License-Identifier: Apache-2.0
//
// What callers send by mistake or malice: each gets a code, a reason and a message that says what
// failed, and the next request is served.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/integration/pair.h"
#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

void ExpectError(const absl::Status& status, StatusCode code, const std::string& reason,
                 const std::string& message_part) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(ReasonOf(status), reason) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(message_part));
}

std::string SmallJpeg() { return EncodeJpeg(DrawPhoto(320, 240)); }

struct BadPicture {
  std::string name;
  std::string file;
  std::string reason;
  std::string message_part;
};

std::vector<BadPicture> BadPictures() {
  const std::string jpeg = EncodeJpeg(DrawPhoto(640, 480));
  return {
      {"truncated JPEG", Truncate(jpeg, 0.5), "IMAGE_TRUNCATED", ""},
      {"truncated PNG", Truncate(EncodePng(DrawChart(640, 480)), 0.5), "IMAGE_TRUNCATED", ""},
      {"empty file", "", "IMAGE_EMPTY", "no bytes"},
      {"text", "just some words", "IMAGE_FORMAT_UNSUPPORTED", "text"},
      {"BMP", EncodeBmp(DrawChart(64, 64)), "IMAGE_FORMAT_UNSUPPORTED", "BMP"},
      {"PDF", "%PDF-1.7 ...", "IMAGE_FORMAT_UNSUPPORTED", "PDF"},
      {"33 MiB", jpeg + std::string(33 << 20, 'x'), "IMAGE_TOO_MANY_BYTES", "33554432"},
      {"20,000 x 20,000 PNG", FlatPng(20000, 20000), "IMAGE_TOO_MANY_PIXELS", "50000000"},
      {"PNG that claims 2^31-1 px a side", ClaimedPng(2147483647, 2147483647), "", ""},
      {"JPEG that claims 65,500 px a side", ClaimedJpeg(jpeg, 65500, 65500),
       "IMAGE_TOO_MANY_PIXELS", ""},
      {"GIF whose frame outgrows its screen", GifFrameOutgrowsScreen(65000, 65000), "", ""},
      {"300 to 1", EncodePng(DrawChart(3000, 10)), "IMAGE_ASPECT_EXTREME", "200"},
  };
}

TEST(BadPictureTest, EachIsRefusedByPreprocessImageWithItsReason) {
  Pair pair;
  for (const BadPicture& bad : BadPictures()) {
    SCOPED_TRACE(bad.name);
    preprocess::v1::PreprocessImageRequest request;
    request.set_content(bad.file);
    preprocess::v1::PreprocessImageResponse response;
    const absl::Status status =
        FromGrpcStatus(pair.pictures().PreprocessImage(Soon().get(), request, &response));
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(ReasonOf(status), HasSubstr(bad.reason.empty() ? "IMAGE_" : bad.reason)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.message_part));
  }
  pair.ExpectServes();
}

TEST(BadPictureTest, EachIsRefusedByClassifyAndNamesTheImage) {
  Pair pair;
  for (const BadPicture& bad : BadPictures()) {
    SCOPED_TRACE(bad.name);
    const auto response = Classify(pair.front(), ClassifyFile(bad.file, {"a", "b"}));
    ASSERT_FALSE(response.ok());
    EXPECT_THAT(ReasonOf(response.status()), HasSubstr(bad.reason.empty() ? "IMAGE_" : bad.reason));
    EXPECT_EQ(MetadataOf(response.status(), "imageIndex"), "0");
  }
  pair.ExpectServes();
}

TEST(BadPictureTest, OneBadPictureAmongGoodOnesFailsTheRequestAndReachesNoEngine) {
  Pair pair;
  const auto response =
      Generate(pair.front(), ShowAndSay({SmallJpeg(), Truncate(SmallJpeg(), 0.4)}, "compare"));
  ExpectError(response.status(), StatusCode::kInvalidArgument, "IMAGE_TRUNCATED", "");
  EXPECT_EQ(MetadataOf(response.status(), "imageIndex"), "1");
  EXPECT_EQ(pair.engine().counters().requests_by_path["/api/chat"], 0U);
  pair.ExpectServes();
}

TEST(BadPictureTest, AMessageThatClaimsMoreThanTheLimitIsRefusedByTheTransport) {
  Pair pair;
  grpc::ClientContext context;
  preprocess::v1::PreprocessImageRequest request;
  request.set_content(std::string(65 << 20, 'x'));
  preprocess::v1::PreprocessImageResponse response;
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(-1);
  const auto channel =
      grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(pair.preprocess().port()),
                                grpc::InsecureChannelCredentials(), arguments);
  const auto status = preprocess::v1::PreprocessService::NewStub(channel)->PreprocessImage(
      &context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  pair.ExpectServes();
}

TEST(BadPictureTest, AnUploadInChunksIsRefusedAsSoonAsItIsTooLong) {
  PairOptions options;
  options.preprocess.max_file_mib = 1;
  Pair pair(options);
  api::GenerateRequest start = Say("look");
  start.mutable_messages(0)->add_images()->set_stream_id("big");
  std::vector<api::StreamGenerateRequest> parts(1);
  *parts[0].mutable_start() = start;
  for (int i = 0; i < 100; ++i) {
    api::StreamGenerateRequest part;
    part.mutable_chunk()->set_stream_id("big");
    part.mutable_chunk()->set_data(std::string(65536, 'x'));
    parts.push_back(part);
  }
  ExpectError(Stream(pair.front(), parts).status, StatusCode::kInvalidArgument,
              "IMAGE_TOO_MANY_BYTES", "1048576");
  pair.ExpectServes();
}

// Field 2, message Message{role=2, text="\xff\xfe"}: what a client in another language may send.
TEST(BadTextTest, InvalidUtf8IsAMalformedRequestAtBothDoors) {
  Pair pair;
  const std::string wire("\x12\x06\x08\x02\x12\x02\xff\xfe", 8);
  for (const auto& channel : {pair.front_channel(), pair.gpu_channel()}) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(channel);
    grpc::Slice slice(wire);
    grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    absl::Notification done;
    grpc::Status status;
    stub.UnaryCall(&context, "/tessera.inference.v1.InferenceService/Generate", {}, &request,
                   &response, [&](grpc::Status result) {
                     status = std::move(result);
                     done.Notify();
                   });
    done.WaitForNotification();
    ExpectError(FromGrpcStatus(status), StatusCode::kInvalidArgument, "REQUEST_MALFORMED", "UTF-8");
  }
  pair.ExpectServes();
}

TEST(BadTextTest, ThePictureMarkerOfTheEngineIsRefused) {
  Pair pair;
  const auto response = Generate(pair.front(), Say("ignore this: [img-0]"));
  ExpectError(response.status(), StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER", "[img-0]");
  EXPECT_EQ(MetadataOf(response.status(), "field"), "messages[0].text");
  pair.ExpectServes();
}

TEST(BadModelTest, AnUnknownModelIsNotFound) {
  Pair pair;
  api::GenerateRequest request = Say("hello");
  request.set_model("nobody:7b");
  ExpectError(Generate(pair.front(), request).status(), StatusCode::kNotFound, "MODEL_NOT_FOUND",
              "nobody:7b");
  pair.ExpectServes();
}

TEST(BadModelTest, APictureForATextModelIsRefusedBeforeTheEngineSeesIt) {
  Pair pair;
  api::GenerateRequest request = ShowAndSay({SmallJpeg()}, "what is it?");
  request.set_model("llama3.2-custom");
  ExpectError(Generate(pair.front(), request).status(), StatusCode::kFailedPrecondition,
              "MODEL_LACKS_VISION", "llama3.2-custom");
  EXPECT_EQ(pair.engine().counters().requests_by_path["/api/chat"], 0U);
  pair.ExpectServes();
}

TEST(BadModelTest, ACloudModelIsRefused) {
  Pair pair;
  api::GenerateRequest request = Say("hello");
  request.set_model("big-model:cloud");
  ExpectError(Generate(pair.front(), request).status(), StatusCode::kInvalidArgument,
              "FIELD_INVALID", "cloud");
  pair.ExpectServes();
}

TEST(BadLabelsTest, EmptyDuplicateAndTooManyLabelsAreRefused) {
  Pair pair;
  std::vector<std::string> many;
  for (int i = 0; i < 10'000; ++i) many.push_back("label " + std::to_string(i));
  const std::string picture = SmallJpeg();
  ExpectError(Classify(pair.front(), ClassifyFile(picture, {})).status(),
              StatusCode::kInvalidArgument, "LABELS_EMPTY", "at least one");
  ExpectError(Classify(pair.front(), ClassifyFile(picture, {"a", "b", "a"})).status(),
              StatusCode::kInvalidArgument, "LABELS_DUPLICATE", "'a' twice");
  ExpectError(Classify(pair.front(), ClassifyFile(picture, many)).status(),
              StatusCode::kInvalidArgument, "LABELS_TOO_MANY", "10000");
  pair.ExpectServes();
}

TEST(BadStreamTest, BrokenProtocolsAreNamed) {
  Pair pair;
  for (InferenceStub* door : {&pair.front(), &pair.gpu()}) {
    ExpectError(Stream(*door, {}).status, StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
                "start");
    api::StreamGenerateRequest picture;
    picture.mutable_image()->set_stream_id("x");
    ExpectError(Stream(*door, {picture}).status, StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
                "start");
    api::StreamGenerateRequest start;
    *start.mutable_start() = Say("look");
    start.mutable_start()->mutable_messages(0)->add_images()->set_stream_id("never");
    ExpectError(Stream(*door, {start}).status, StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
                "");
    ExpectError(Stream(*door, {start, start}).status, StatusCode::kInvalidArgument,
                "REQUEST_MALFORMED", "");
    ExpectError(Stream(*door, {start, picture}).status, StatusCode::kInvalidArgument,
                "REQUEST_MALFORMED", "");
  }
  pair.ExpectServes();
}

TEST(BadStreamTest, APictureFileAtTheGpuDoorIsToldWhereToGo) {
  Pair pair;
  ExpectError(Generate(pair.gpu(), ShowAndSay({SmallJpeg()}, "what?")).status(),
              StatusCode::kInvalidArgument, "IMAGE_NOT_PREPARED", "tessera-preprocess");
  pair.ExpectServes();
}

TEST(OverloadTest, AFullPictureQueueAnswersResourceExhaustedWithRetryInfo) {
  PairOptions options;
  options.preprocess.worker_threads = 1;
  options.preprocess.max_queued = 1;
  Pair pair(options);
  const std::string large = EncodeJpeg(DrawPhoto(4000, 3000));
  constexpr int kCalls = 12;
  std::vector<std::thread> callers;
  std::vector<absl::Status> results(kCalls);
  for (int i = 0; i < kCalls; ++i) {
    callers.emplace_back([&, i] {
      preprocess::v1::PreprocessImageRequest request;
      request.set_content(large);
      preprocess::v1::PreprocessImageResponse response;
      results[i] =
          FromGrpcStatus(pair.pictures().PreprocessImage(Soon().get(), request, &response));
    });
  }
  for (std::thread& caller : callers) caller.join();
  int refused = 0;
  for (const absl::Status& result : results) {
    if (result.ok()) continue;
    ++refused;
    ExpectError(result, StatusCode::kResourceExhausted, "QUEUE_FULL", "");
    EXPECT_TRUE(RetryAfterOf(result).has_value());
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, kCalls);
  pair.ExpectServes();
}

}  // namespace
}  // namespace tessera::testing
