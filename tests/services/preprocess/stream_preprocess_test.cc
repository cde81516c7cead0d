// SPDX-License-Identifier: Apache-2.0
//
// StreamPreprocess and tensors over a real connection.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <tessera/preprocess/v1/preprocess_service.grpc.pb.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_status.h"
#include "services/preprocess/preprocess_server.h"
#include "tests/support/fake_inference_service.h"
#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

using absl::StatusCode;
using testing::DrawPhoto;
using testing::EncodeJpeg;
using testing::EncodePng;
using testing::FakeInferenceService;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;
using ::testing::UnorderedElementsAre;

using Stream = grpc::ClientReaderWriter<v1::StreamPreprocessRequest, v1::StreamPreprocessResponse>;

const std::string& Picture() {
  static const auto* const picture = new std::string(EncodeJpeg(DrawPhoto(320, 200)));
  return *picture;
}

// Repeats a small picture: drawing a large one takes seconds.
testing::Drawing Tiled(uint32_t width_px, uint32_t height_px) {
  const testing::Drawing tile = DrawPhoto(320, 200);
  testing::Drawing picture(width_px, height_px, testing::kWhite);
  for (uint32_t y = 0; y < height_px; ++y) {
    for (uint32_t x = 0; x < width_px; ++x) picture.Set(x, y, tile.At(x % 320, y % 200));
  }
  return picture;
}

// The beginning of a progressive JPEG that says it has these sides.
std::string ClaimedProgressiveJpeg(uint16_t width_px, uint16_t height_px) {
  std::string file = EncodeJpeg(DrawPhoto(64, 64), {.progressive = true});
  const size_t frame = file.find("\xFF\xC2");
  for (const auto& [offset, value] : {std::pair{5, height_px}, std::pair{7, width_px}}) {
    file[frame + offset] = static_cast<char>(value >> 8);
    file[frame + offset + 1] = static_cast<char>(value & 0xFF);
  }
  file.resize(kDecisionBytes);
  return file;
}

absl::Status StatusOf(const google::rpc::Status& error) {
  return FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(error.code()), error.message(),
                                     error.SerializeAsString()));
}

v1::StreamPreprocessRequest Whole(const std::string& id, const std::string& file) {
  v1::StreamPreprocessRequest part;
  part.mutable_item()->set_id(id);
  part.mutable_item()->set_content(file);
  return part;
}

v1::StreamPreprocessRequest Announced(const std::string& id, uint64_t size_bytes = 0) {
  v1::StreamPreprocessRequest part;
  part.mutable_item()->set_id(id);
  part.mutable_item()->mutable_upload()->set_size_bytes(size_bytes);
  return part;
}

v1::StreamPreprocessRequest Piece(const std::string& id, const std::string& data,
                                  bool last = false) {
  v1::StreamPreprocessRequest part;
  part.mutable_chunk()->set_id(id);
  part.mutable_chunk()->set_data(data);
  part.mutable_chunk()->set_last(last);
  return part;
}

class StreamPreprocessTest : public ::testing::Test {
 protected:
  StreamPreprocessTest() {
    InitLogging({.service = "test", .level = LogLevel::kOff});
    config_.listen = config_.metrics_listen = "127.0.0.1:0";
    config_.worker_threads = 2;
    config_.inference_check_interval = absl::Hours(1);
  }

  void Start() {
    auto inference =
        GrpcServer::Start({.services = {{FakeInferenceService::kName, &inference_}}}, registry_);
    ASSERT_THAT(inference, IsOk());
    inference_server_ = *std::move(inference);
    config_.inference_address = "127.0.0.1:" + std::to_string(inference_server_->port());
    auto server = PreprocessServer::Start(config_);
    ASSERT_THAT(server, IsOk());
    server_ = *std::move(server);
    stub_ = v1::PreprocessService::NewStub(
        MakeClientChannel("127.0.0.1:" + std::to_string(server_->port())));
  }

  std::unique_ptr<Stream> Open(absl::Duration deadline = absl::Seconds(60)) {
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    auto stream = stub_->StreamPreprocess(context_.get());
    v1::StreamPreprocessResponse first;
    EXPECT_TRUE(stream->Read(&first));
    EXPECT_TRUE(first.has_window());
    window_ = first.window();
    return stream;
  }

  // Reads to the end. Results by id; the order in which they came in `order_`.
  absl::Status ReadAll(Stream& stream) {
    v1::StreamPreprocessResponse response;
    while (stream.Read(&response)) Note(response);
    return FromGrpcStatus(stream.Finish());
  }

  void Note(const v1::StreamPreprocessResponse& response) {
    if (response.has_result()) {
      order_.push_back(response.result().id());
      results_[response.result().id()] = response.result();
    } else if (response.has_tensor_chunk()) {
      const auto& chunk = response.tensor_chunk();
      EXPECT_EQ(chunk.id(), order_.back()) << "values follow their result";
      EXPECT_EQ(chunk.offset_bytes(), values_[chunk.id()].size());
      EXPECT_LE(chunk.data().size(), 1u << 20);
      values_[chunk.id()] += chunk.data();
      if (chunk.last()) complete_.push_back(chunk.id());
    }
  }

  std::string ReasonFor(const std::string& id) {
    const auto& result = results_[id];
    return result.has_error() ? ReasonOf(StatusOf(result.error())) : "PREPARED";
  }

  FakeInferenceService inference_;
  prometheus::Registry registry_;
  std::unique_ptr<GrpcServer> inference_server_;
  PreprocessConfig config_;
  std::unique_ptr<PreprocessServer> server_;
  std::unique_ptr<v1::PreprocessService::Stub> stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  v1::StreamPreprocessWindow window_;
  std::vector<std::string> order_;
  std::map<std::string, v1::StreamPreprocessResult> results_;
  std::map<std::string, std::string> values_;
  std::vector<std::string> complete_;
};

TEST_F(StreamPreprocessTest, PreparesPicturesWholeAndInPiecesAndABadOneFailsAlone) {
  Start();
  auto stream = Open();
  EXPECT_EQ(window_.max_items(), 32);
  EXPECT_EQ(window_.decision_bytes(), 65536);
  ASSERT_TRUE(stream->Write(Whole("whole", Picture())));
  ASSERT_TRUE(stream->Write(Whole("bad", "this is no picture")));
  ASSERT_TRUE(stream->Write(Announced("pieces", Picture().size())));
  ASSERT_TRUE(stream->Write(Piece("pieces", Picture().substr(0, 1000))));
  ASSERT_TRUE(stream->Write(Whole("cut", testing::Truncate(Picture(), 0.5))));
  ASSERT_TRUE(stream->Write(Piece("pieces", Picture().substr(1000))));
  ASSERT_TRUE(stream->Write(Piece("pieces", "", true)));
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
  EXPECT_THAT(order_, UnorderedElementsAre("whole", "bad", "pieces", "cut"));
  EXPECT_EQ(ReasonFor("bad"), "IMAGE_FORMAT_UNSUPPORTED");
  EXPECT_EQ(ReasonFor("cut"), "IMAGE_TRUNCATED");
  EXPECT_EQ(results_["whole"].image().width_px(), 320);
  EXPECT_EQ(results_["whole"].image().pixel_digest(), results_["pieces"].image().pixel_digest());
}

TEST_F(StreamPreprocessTest, ResultsComeInTheOrderInWhichTheyAreReady) {
  Start();
  auto stream = Open();
  const std::string slow = EncodeJpeg(Tiled(4000, 3000), {.progressive = true});
  ASSERT_TRUE(stream->Write(Whole("slow", slow)));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(stream->Write(Whole("quick" + std::to_string(i), Picture())));
  }
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
  ASSERT_EQ(order_.size(), 6u);
  EXPECT_EQ(order_.back(), "slow");
}

TEST_F(StreamPreprocessTest, OptionsOfTheStreamApplyUnlessAPictureBringsItsOwn) {
  Start();
  auto stream = Open();
  v1::StreamPreprocessRequest start;
  start.mutable_start()->mutable_options()->set_max_side_px(64);
  start.mutable_start()->set_request_id("r-7");
  ASSERT_TRUE(stream->Write(start));
  ASSERT_TRUE(stream->Write(Whole("small", Picture())));
  v1::StreamPreprocessRequest own = Whole("own", Picture());
  own.mutable_item()->mutable_options()->set_max_side_px(128);
  ASSERT_TRUE(stream->Write(own));
  v1::StreamPreprocessRequest bad = Whole("bad", Picture());
  bad.mutable_item()->mutable_options()->set_max_side_px(5);
  ASSERT_TRUE(stream->Write(bad));
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
  EXPECT_EQ(results_["small"].image().width_px(), 64);
  EXPECT_EQ(results_["own"].image().width_px(), 128);
  EXPECT_THAT(StatusOf(results_["bad"].error()), IsInvalidField("item.options.max_side_px"));
  EXPECT_EQ(MetadataOf(StatusOf(results_["bad"].error()), "requestId"), "r-7");
}

TEST_F(StreamPreprocessTest, TheFirst64KiBDecideWhetherTheRestIsWanted) {
  Start();
  auto stream = Open();
  const std::string noise(kDecisionBytes, 'x');
  ASSERT_TRUE(stream->Write(Announced("text", 30 << 20)));
  ASSERT_TRUE(stream->Write(Piece("text", noise)));
  ASSERT_TRUE(stream->Write(Announced("huge", 30 << 20)));
  ASSERT_TRUE(stream->Write(Piece("huge", testing::ClaimedPng(20'000, 20'000) + noise)));
  ASSERT_TRUE(stream->Write(Announced("heavy", 33 << 20)));
  // The stream is still open: these are answers to beginnings.
  for (int i = 0; i < 3; ++i) {
    v1::StreamPreprocessResponse response;
    ASSERT_TRUE(stream->Read(&response));
    Note(response);
  }
  EXPECT_EQ(ReasonFor("text"), "IMAGE_FORMAT_UNSUPPORTED");
  EXPECT_EQ(ReasonFor("huge"), "IMAGE_TOO_MANY_PIXELS");
  EXPECT_EQ(ReasonFor("heavy"), "IMAGE_TOO_MANY_BYTES");
  // Pieces that were on the way are no offence.
  ASSERT_TRUE(stream->Write(Piece("huge", noise)));
  ASSERT_TRUE(stream->Write(Piece("text", noise, true)));
  ASSERT_TRUE(stream->Write(Whole("next", Picture())));
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
  EXPECT_EQ(ReasonFor("next"), "PREPARED");
}

TEST_F(StreamPreprocessTest, MoreThanTheWindowEndsTheStream) {
  config_.stream_window_items = 3;
  Start();
  auto stream = Open();
  EXPECT_EQ(window_.max_items(), 3);
  for (const char* id : {"a", "b", "c", "d"}) stream->Write(Announced(id));
  EXPECT_THAT(ReadAll(*stream), IsError(StatusCode::kInvalidArgument, "STREAM_WINDOW_EXCEEDED"));
}

TEST_F(StreamPreprocessTest, BytesBeyondTheWindowEndTheStream) {
  config_.stream_window_mib = 32;
  Start();
  auto stream = Open();
  const std::string megabytes(4 << 20, '\0');
  for (const char* id : {"a", "b", "c"}) {
    stream->Write(Announced(id));
    // Too short to be judged, or JPEG enough to be wanted.
    stream->Write(Piece(id, Picture()));
    for (int i = 0; i < 3; ++i) stream->Write(Piece(id, megabytes));
  }
  EXPECT_THAT(ReadAll(*stream), IsError(StatusCode::kInvalidArgument, "STREAM_WINDOW_EXCEEDED"));
}

TEST_F(StreamPreprocessTest, AWindowOfOneCarriesAnyNumberOfPictures) {
  config_.stream_window_items = 1;
  Start();
  auto stream = Open();
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(stream->Write(Whole("p" + std::to_string(i), Picture())));
    v1::StreamPreprocessResponse response;
    ASSERT_TRUE(stream->Read(&response));
    Note(response);
  }
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
  EXPECT_EQ(results_.size(), 50u);
}

TEST_F(StreamPreprocessTest, WrongMessagesEndTheStreamAndSayWhy) {
  Start();
  const auto end_of = [&](const std::vector<v1::StreamPreprocessRequest>& parts) {
    auto stream = Open();
    for (const auto& part : parts) stream->Write(part);
    stream->WritesDone();
    return ReadAll(*stream);
  };
  v1::StreamPreprocessRequest start;
  start.mutable_start();
  v1::StreamPreprocessRequest bad_start = start;
  bad_start.mutable_start()->mutable_options()->set_max_side_px(7);
  EXPECT_THAT(end_of({start}), IsOk());
  EXPECT_THAT(end_of({}), IsOk());
  EXPECT_THAT(end_of({start, start}), IsError(StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_THAT(end_of({v1::StreamPreprocessRequest()}),
              IsError(StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_THAT(end_of({bad_start}), IsInvalidField("start.options.max_side_px"));
  EXPECT_THAT(end_of({Announced("a"), Announced("a")}), IsInvalidField("item.id"));
  EXPECT_THAT(end_of({Announced("no spaces")}), IsInvalidField("item.id"));
  EXPECT_THAT(end_of({Announced("a"), Piece("a", "")}),
              IsError(StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
}

TEST_F(StreamPreprocessTest, AnUploadThatNeverEndsFailsItsPicture) {
  Start();
  auto stream = Open();
  ASSERT_TRUE(stream->Write(Announced("cut")));
  ASSERT_TRUE(stream->Write(Piece("cut", Picture().substr(0, 500))));
  ASSERT_TRUE(stream->Write(Whole("whole", Picture())));
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
  EXPECT_EQ(ReasonFor("cut"), "REQUEST_MALFORMED");
  EXPECT_EQ(ReasonFor("whole"), "PREPARED");
}

TEST_F(StreamPreprocessTest, ACallerWhoGoesAwayLeavesNothingBehind) {
  Start();
  for (int i = 0; i < 20; ++i) {
    auto stream = Open();
    for (int k = 0; k < 8; ++k) stream->Write(Whole("p" + std::to_string(k), Picture()));
    if (i % 2 == 0) stream->Write(Announced("open"));
    context_->TryCancel();
    EXPECT_FALSE(ReadAll(*stream).ok());
  }
  auto stream = Open();
  ASSERT_TRUE(stream->Write(Whole("still", Picture())));
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
}

TEST_F(StreamPreprocessTest, ALargeTensorComesInPieces) {
  Start();
  auto stream = Open();
  v1::StreamPreprocessRequest part = Whole("tensor", Picture());
  part.mutable_item()->mutable_options()->mutable_exact()->set_width_px(2048);
  part.mutable_item()->mutable_options()->mutable_exact()->set_height_px(2048);
  part.mutable_item()->mutable_tensor()->set_layout(image::v1::TENSOR_LAYOUT_QWEN_PATCHES);
  ASSERT_TRUE(stream->Write(part));
  ASSERT_TRUE(stream->Write(Whole("after", Picture())));
  stream->WritesDone();
  EXPECT_THAT(ReadAll(*stream), IsOk());
  const auto& result = results_["tensor"];
  EXPECT_THAT(std::vector<uint64_t>(result.tensor().shape().begin(), result.tensor().shape().end()),
              ::testing::ElementsAre(128 * 128, 1536));
  EXPECT_THAT(
      std::vector<int>(result.tensor().grid_thw().begin(), result.tensor().grid_thw().end()),
      ::testing::ElementsAre(1, 128, 128));
  EXPECT_EQ(result.tensor().size_bytes(), 128ull * 128 * 1536 * 4);
  EXPECT_EQ(values_["tensor"].size(), result.tensor().size_bytes());
  EXPECT_THAT(complete_, ::testing::ElementsAre("tensor"));
  EXPECT_TRUE(result.image().data().empty());
  EXPECT_EQ(result.image().width_px(), 2048);
  EXPECT_EQ(result.image().prompt_tokens().hugging_face(), 64u * 64 + 2);
}

TEST_F(StreamPreprocessTest, PreprocessImageMakesSmallTensorsAndPointsToTheStreamForLargeOnes) {
  Start();
  v1::PreprocessImageRequest request;
  request.set_content(EncodePng(testing::Drawing(64, 32, {255, 0, 51})));
  request.mutable_tensor()->set_type(image::v1::TENSOR_TYPE_F32);
  const auto call = [&](v1::PreprocessImageResponse& response) {
    grpc::ClientContext context;
    return FromGrpcStatus(stub_->PreprocessImage(&context, request, &response));
  };
  v1::PreprocessImageResponse response;
  ASSERT_THAT(call(response), IsOk());
  ASSERT_EQ(response.tensor().data().size(), 3u * 32 * 64 * 4);
  float values[3];
  for (int c = 0; c < 3; ++c) {
    std::memcpy(&values[c], response.tensor().data().data() + c * 32 * 64 * 4, 4);
  }
  EXPECT_FLOAT_EQ(values[0], 1);
  EXPECT_FLOAT_EQ(values[1], -1);
  EXPECT_FLOAT_EQ(values[2], -0.6f);
  EXPECT_EQ(response.image().encoding(), image::v1::IMAGE_ENCODING_UNSPECIFIED);
  EXPECT_EQ(response.image().pixel_digest().size(), 32u);

  request.mutable_options()->mutable_exact()->set_width_px(4096);
  request.mutable_options()->mutable_exact()->set_height_px(4096);
  EXPECT_THAT(call(response), IsError(StatusCode::kInvalidArgument, "TENSOR_TOO_LARGE"));
  request.mutable_options()->Clear();
  request.mutable_tensor()->set_layout(image::v1::TENSOR_LAYOUT_QWEN_PATCHES);
  ASSERT_THAT(call(response), IsOk());
  request.set_content(EncodePng(testing::Drawing(63, 32, {255, 0, 51})));
  EXPECT_THAT(call(response), IsInvalidField("tensor.layout"));
  request.mutable_tensor()->add_mean(0.5f);
  EXPECT_THAT(call(response), IsInvalidField("tensor.mean"));
}

TEST_F(StreamPreprocessTest, ADeadlineThatCannotBeMetIsRefusedBeforeTheBodyComes) {
  config_.worker_threads = 1;
  Start();
  // 49 megapixels and 32 MiB of progressive JPEG are a second of work.
  auto stream = Open(absl::Milliseconds(700));
  ASSERT_TRUE(stream->Write(Announced("slow", 32 << 20)));
  ASSERT_TRUE(stream->Write(Piece("slow", ClaimedProgressiveJpeg(7000, 7000))));
  v1::StreamPreprocessResponse response;
  if (!stream->Read(&response)) GTEST_SKIP() << "this machine was busy for the whole deadline";
  Note(response);
  EXPECT_EQ(ReasonFor("slow"), "DEADLINE_UNMEETABLE");
  context_->TryCancel();
  EXPECT_EQ(ReadAll(*stream).code(), StatusCode::kCancelled);
}

}  // namespace
}  // namespace tessera::preprocess
