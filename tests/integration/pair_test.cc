// SPDX-License-Identifier: Apache-2.0
//
// What the pair is for: pictures and texts in, answers out.
#include "tests/integration/pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "common/rpc/health_check.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string PhotoJpeg(uint32_t width = 1600, uint32_t height = 1200) {
  return EncodeJpeg(DrawPhoto(width, height));
}

api::StreamGenerateRequest StartPart(api::GenerateRequest request) {
  api::StreamGenerateRequest part;
  *part.mutable_start() = std::move(request);
  return part;
}

api::StreamGenerateRequest ImagePart(const std::string& id, const std::string& file) {
  api::StreamGenerateRequest part;
  part.mutable_image()->set_stream_id(id);
  part.mutable_image()->mutable_image()->set_content(file);
  return part;
}

TEST(PairTest, ClassifiesAPictureFileThroughTheFrontDoor) {
  Pair pair;
  pair.engine().Script("label=photo");
  const auto response = Classify(pair.front(), ClassifyFile(PhotoJpeg(), {"document", "photo"}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->label(), "photo");
  EXPECT_EQ(response->completion().model(), "qwen3-vl:4b");
  ASSERT_EQ(response->images_size(), 1);
  EXPECT_EQ(response->images(0).width_px(), 768);
  EXPECT_EQ(response->images(0).height_px(), 576);
  EXPECT_EQ(response->images(0).source().width_px(), 1600);
  EXPECT_GT(ToSeconds(response->completion().timings().preprocess()), 0);
}

TEST(PairTest, ReportsConfidenceWhenTheEngineReportsProbabilities) {
  Pair pair;
  pair.engine().Script("label=photo confidence=0.9");
  const auto response = Classify(pair.front(), ClassifyFile(PhotoJpeg(), {"document", "photo"}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_NEAR(response->confidence(), 0.9, 0.02);
}

TEST(PairTest, LeavesConfidenceOutForAnEngineThatIsTooOld) {
  Pair pair({.simulator = {.version = "0.12.9"}});
  const auto response = Classify(pair.front(), ClassifyFile(PhotoJpeg(), {"document", "photo"}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_FALSE(response->has_confidence());
}

TEST(PairTest, TheEngineReceivesThePreparedPictureAndNotTheFile) {
  Pair pair;
  const auto response = Generate(pair.front(), ShowAndSay({PhotoJpeg()}, "what is this?"));
  ASSERT_TRUE(response.ok()) << response.status();
  const auto state = pair.engine().State();
  const auto* record = state.Last("/api/chat");
  ASSERT_NE(record, nullptr);
  ASSERT_EQ(record->pictures.size(), 1U);
  EXPECT_EQ(record->pictures[0].format, "jpeg");
  EXPECT_EQ(record->pictures[0].width_px, 768);
  EXPECT_EQ(record->keep_alive, absl::Minutes(30));
}

TEST(PairTest, KeepsTheOrderOfPicturesThatArePreparedInParallel) {
  Pair pair;
  // The first takes longest to prepare, so it is ready last.
  const std::vector<std::string> files = {EncodeJpeg(DrawPhoto(3000, 2000)),
                                          EncodePng(DrawChart(300, 200)),
                                          EncodePng(DrawDocument(200, 300))};
  const auto response = Generate(pair.front(), ShowAndSay(files, "compare"));
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_EQ(response->images_size(), 3);
  const auto state = pair.engine().State();
  const auto& pictures = state.Last("/api/chat")->pictures;
  ASSERT_EQ(pictures.size(), 3U);
  EXPECT_EQ(pictures[0].width_px, 768);
  EXPECT_EQ(pictures[1].width_px, 300);
  EXPECT_EQ(pictures[2].width_px, 200);
}

TEST(PairTest, StreamsTextAsTheEngineMakesIt) {
  Pair pair;
  pair.engine().Script("text=\"one two three\"");
  const StreamResult result = Stream(pair.front(), {StartPart(ShowAndSay({PhotoJpeg()}, "count"))});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.text, "one two three");
  ASSERT_GE(result.events.size(), 4U);
  EXPECT_TRUE(result.events.back().has_finished());
  std::set<int> kinds;
  for (const auto& event : result.events) kinds.insert(event.event_case());
  EXPECT_EQ(kinds.size(), 5U) << "image_prepared, started, loading, text and finished";
}

TEST(PairTest, TakesPicturesThatFollowOnTheStreamWholeAndInChunks) {
  Pair pair;
  api::GenerateRequest start = Say("compare");
  start.mutable_messages(0)->add_images()->set_stream_id("whole");
  start.mutable_messages(0)->add_images()->set_stream_id("pieces");
  const std::string photo = PhotoJpeg();
  std::vector<api::StreamGenerateRequest> parts = {StartPart(start)};
  for (size_t at = 0; at < photo.size(); at += 65536) {
    api::StreamGenerateRequest part;
    part.mutable_chunk()->set_stream_id("pieces");
    part.mutable_chunk()->set_data(photo.substr(at, 65536));
    part.mutable_chunk()->set_last(at + 65536 >= photo.size());
    parts.push_back(part);
  }
  parts.push_back(ImagePart("whole", EncodePng(DrawChart(300, 200))));
  const StreamResult result = Stream(pair.front(), parts);
  ASSERT_TRUE(result.status.ok()) << result.status;
  const auto state = pair.engine().State();
  const auto& pictures = state.Last("/api/chat")->pictures;
  ASSERT_EQ(pictures.size(), 2U);
  EXPECT_EQ(pictures[0].width_px, 300) << "`whole` comes first in the message";
  EXPECT_EQ(pictures[1].width_px, 768);
}

TEST(PairTest, APreparedPicturePassesBothDoorsUnchanged) {
  Pair pair;
  preprocess::v1::PreprocessImageRequest prepare;
  prepare.set_content(PhotoJpeg());
  preprocess::v1::PreprocessImageResponse prepared;
  ASSERT_TRUE(pair.pictures().PreprocessImage(Soon().get(), prepare, &prepared).ok());
  api::GenerateRequest request = Say("what is this?");
  *request.mutable_messages(0)->add_images()->mutable_prepared() = prepared.image();
  std::vector<std::string> digests;
  for (InferenceStub* door : {&pair.front(), &pair.gpu()}) {
    ASSERT_TRUE(Generate(*door, request).ok());
    const auto state = pair.engine().State();
    digests.push_back(state.Last("/api/chat")->pictures.at(0).sha256);
  }
  EXPECT_EQ(digests[0], digests[1]);
}

TEST(PairTest, TextGoesThroughBothDoorsToTheTextModel) {
  Pair pair;
  for (InferenceStub* door : {&pair.front(), &pair.gpu()}) {
    pair.engine().Script("text=\"fine, thanks\"");
    const auto response = Generate(*door, Say("how are you?"));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->text(), "fine, thanks");
    EXPECT_EQ(response->completion().model(), "llama3.2-custom");
    EXPECT_EQ(response->completion().finish_reason(), api::FINISH_REASON_STOP);
    EXPECT_GT(response->completion().usage().prompt_tokens(), 0U);
  }
}

TEST(PairTest, TheRequestIdIsTheSameOnBothSidesOfTheHop) {
  Pair pair;
  api::GenerateRequest request = ShowAndSay({PhotoJpeg()}, "hello");
  request.set_request_id("my-call.7");
  const auto response = Generate(pair.front(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->completion().request_id(), "my-call.7");
}

TEST(PairTest, TwoHundredRequestsInARowUseOneConnectionUpstream) {
  Pair pair;
  ASSERT_TRUE(Generate(pair.front(), Say("warm up")).ok());
  // The engine monitor looks from time to time, on connections of the same pool.
  const int64_t before = pair.inference().http_stats().connections_opened;
  const int64_t reused_before = pair.inference().http_stats().connections_reused;
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(Generate(pair.front(), Say("again")).ok());
  EXPECT_LE(pair.inference().http_stats().connections_opened - before, 1);
  EXPECT_GE(pair.inference().http_stats().connections_reused - reused_before, 200);
  const auto state = pair.engine().State();
  std::set<uint64_t> connections;
  for (const auto& record : state.requests) {
    if (record.path == "/api/chat") connections.insert(record.connection);
  }
  EXPECT_LE(connections.size(), 2U);
}

TEST(PairTest, BothMetricsEndpointsShowTheRequest) {
  Pair pair;
  ASSERT_TRUE(Classify(pair.front(), ClassifyFile(PhotoJpeg(), {"a", "b"})).ok());
  const std::string front = pair.ScrapePreprocess();
  EXPECT_EQ(Sample(front, "tessera_preprocess_picture_seconds_count{format=\"jpeg\"}"), 1);
  EXPECT_EQ(Sample(front, "tessera_preprocess_stage_seconds_count{stage=\"encode\"}"), 1);
  EXPECT_EQ(Sample(front, "tessera_preprocess_inference_up"), 1);
  EXPECT_THAT(front,
              HasSubstr("grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Classify\""));
  const std::string inference = pair.ScrapeInference();
  EXPECT_EQ(Sample(inference,
                   "gen_ai_server_time_to_first_token_seconds_count{gen_ai_request_model"
                   "=\"qwen3-vl:4b\"}"),
            1);
  EXPECT_EQ(Sample(inference, "tessera_inference_engine_up"), 1);
}

TEST(PairTest, HealthFollowsTheEngineOnBothServices) {
  Pair pair;
  const char service[] = "tessera.inference.v1.InferenceService";
  const auto says = [&](const std::shared_ptr<grpc::Channel>& channel) {
    return CheckHealth(channel, service, absl::Seconds(2)).ok();
  };
  pair.engine().StopListening();
  pair.engine().ResetConnections();
  EXPECT_TRUE(PollUntil([&] { return !says(pair.gpu_channel()); }));
  EXPECT_TRUE(PollUntil([&] { return !says(pair.front_channel()); }));
  EXPECT_TRUE(CheckHealth(pair.front_channel(), "", absl::Seconds(2)).ok());
  EXPECT_TRUE(
      CheckHealth(pair.front_channel(), "tessera.preprocess.v1.PreprocessService", absl::Seconds(2))
          .ok());
  ASSERT_TRUE(pair.engine().ResumeListening().ok());
  EXPECT_TRUE(PollUntil([&] { return says(pair.front_channel()); }));
}

TEST(PairTest, DrainingLetsRequestsInFlightEnd) {
  Pair pair;
  pair.engine().Script("tokens=20 rate=100");
  const auto context = Soon();
  const auto stream = pair.gpu().StreamGenerate(context.get());
  ASSERT_TRUE(stream->Write(StartPart(Say("slowly, please"))));
  stream->WritesDone();
  api::StreamGenerateResponse event;
  ASSERT_TRUE(stream->Read(&event));
  std::thread drain([&] { pair.inference().Drain(); });
  bool finished = false;
  while (stream->Read(&event)) finished = event.has_finished();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(finished);
  drain.join();
}

}  // namespace
}  // namespace tessera::testing
