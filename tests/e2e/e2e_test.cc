// SPDX-License-Identifier: Apache-2.0
//
// The product as people run it: a real Ollama with tessera-mini, both services and the command
// line as processes, drawn pictures whose kind is known.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <tessera/inference/v1/inference_service.grpc.pb.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/rpc/client_channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/health_check.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "tests/e2e/child_process.h"
#include "tests/integration/pair.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

using ::testing::HasSubstr;

const char kSource[] = TESSERA_SOURCE_DIR;
const char kBinaries[] = TESSERA_BINARY_DIR;
const char kScratch[] = TESSERA_SCRATCH_DIR;

std::string Binary(const std::string& name) { return fmt::format("{}/{}", kBinaries, name); }
std::string Scratch(const std::string& name) { return fmt::format("{}/{}", kScratch, name); }

// The value of NAME in the engine's NAME=value lines.
std::string Setting(const std::string& lines, const std::string& name) {
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind(name + "=", 0) == 0) return line.substr(name.size() + 1);
  }
  return "";
}

class EndToEndTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Finished engine = RunToEnd({fmt::format("{}/engine/engine", kSource), "start", "--dir",
                                      Scratch("engine"), "--port", "0"},
                                     absl::Minutes(15));
    ASSERT_EQ(engine.exit_code, 0) << "no real engine: " << engine.output;
    const std::string url = Setting(engine.output, "OLLAMA_URL");
    inference_ =
        new Service({Binary("tessera-inference"), "--listen", "127.0.0.1:0", "--metrics-listen",
                     "127.0.0.1:0", "--ollama-url", url, "--vision-model", "tessera-mini",
                     "--text-model", "tessera-mini", "--wedge-silence", "5s"},
                    Scratch("inference.log"));
    preprocess_ = new Service(
        {Binary("tessera-preprocess"), "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0",
         "--inference-address", fmt::format("127.0.0.1:{}", inference_->port())},
        Scratch("preprocess.log"));
    channel_ = MakeClientChannel(Front());
    ASSERT_TRUE(PollUntil([] {
      return CheckHealth(channel_, "tessera.inference.v1.InferenceService", absl::Seconds(2)).ok();
    }));
    stub_ = api::InferenceService::NewStub(channel_).release();
  }

  static void TearDownTestSuite() {
    if (preprocess_ != nullptr) {
      EXPECT_EQ(preprocess_->Terminate(), 0) << "graceful stop";
    }
    if (inference_ != nullptr) {
      EXPECT_EQ(inference_->Terminate(), 0) << "graceful stop";
    }
    RunToEnd({fmt::format("{}/engine/engine", kSource), "stop", "--dir", Scratch("engine")},
             absl::Seconds(30));
    delete preprocess_;
    delete inference_;
    delete stub_;
    channel_.reset();
  }

  static std::string Front() { return fmt::format("127.0.0.1:{}", preprocess_->port()); }

  static inline Service* inference_ = nullptr;
  static inline Service* preprocess_ = nullptr;
  static inline std::shared_ptr<grpc::Channel> channel_;
  static inline InferenceStub* stub_ = nullptr;
};

struct Kind {
  std::string label;
  std::function<Drawing(uint32_t, uint32_t, uint64_t)> draw;
};

std::vector<Kind> Kinds() {
  return {{"document", DrawDocument},
          {"photo", DrawPhoto},
          {"chart", DrawChart},
          {"shape", [](uint32_t width, uint32_t height, uint64_t) {
             return DrawShape(width, height, Shape::kCircle, kRed);
           }}};
}

TEST_F(EndToEndTest, EveryKindOfDrawnPictureInEveryFormatGetsItsLabel) {
  const std::vector<std::pair<std::string, std::function<std::string(const Drawing&)>>> formats = {
      {"JPEG", [](const Drawing& drawing) { return EncodeJpeg(drawing); }},
      {"PNG", [](const Drawing& drawing) { return EncodePng(drawing); }},
      {"WebP", [](const Drawing& drawing) { return EncodeWebp(drawing); }}};
  for (const Kind& kind : Kinds()) {
    const Drawing drawing =
        kind.label == "document" ? kind.draw(600, 800, 1) : kind.draw(800, 600, 1);
    for (const auto& [format, encode] : formats) {
      SCOPED_TRACE(kind.label + " as " + format);
      const auto response =
          Classify(*stub_, ClassifyFile(encode(drawing), {"document", "photo", "chart", "shape"}));
      ASSERT_TRUE(response.ok()) << response.status();
      EXPECT_EQ(response->label(), kind.label);
      EXPECT_GT(response->confidence(), 0.5);
      EXPECT_GT(response->completion().usage().prompt_tokens(), 66U) << "the picture was seen";
    }
  }
}

TEST_F(EndToEndTest, TheSecondTimeTheAnswerIsKnown) {
  const auto request = ClassifyFile(EncodeJpeg(DrawChart(640, 480, 77)), {"photo", "chart"});
  const auto first = Classify(*stub_, request), again = Classify(*stub_, request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->completion().source(), api::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(again->completion().source(), api::ANSWER_SOURCE_CACHE);
  EXPECT_EQ(again->label(), "chart");
  EXPECT_EQ(again->confidence(), first->confidence());
  std::printf("inside tessera-inference: %.1f ms from the engine, %.3f ms from the cache\n",
              ToSeconds(first->completion().timings().total()) * 1e3,
              ToSeconds(again->completion().timings().total()) * 1e3);
}

TEST_F(EndToEndTest, IdenticalRequestsAtOnceAreOneForTheEngine) {
  api::GenerateRequest request =
      ShowAndSay({EncodeJpeg(DrawPhoto(640, 480, 78))}, "Describe the picture.");
  request.mutable_sampling()->set_temperature(0);
  std::vector<absl::StatusOr<api::GenerateResponse>> responses(10);
  std::vector<std::thread> threads;
  for (auto& response : responses) {
    threads.emplace_back([&] { response = Generate(*stub_, request); });
  }
  for (std::thread& thread : threads) thread.join();
  int made = 0;
  for (const auto& response : responses) {
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->text(), responses[0]->text());
    made += response->completion().source() == api::ANSWER_SOURCE_ENGINE ? 1 : 0;
  }
  EXPECT_EQ(made, 1);
}

TEST_F(EndToEndTest, SeveralLabelsWithTheirMeaningsAreHeldToTheLabels) {
  api::ClassifyRequest request =
      ClassifyFile(EncodeJpeg(DrawChart(800, 600)), {"document", "photo", "chart", "shape"});
  for (const char* text : {"a page of text", "a photograph", "bars or lines over axes", ""}) {
    request.add_label_descriptions(text);
  }
  request.set_max_labels(2);
  request.set_allow_none(true);
  const auto response = Classify(*stub_, request);
  ASSERT_TRUE(response.ok()) << response.status();
  // How well so small a model chooses is not ours to test; that it cannot leave the labels is.
  EXPECT_LE(response->labels_size(), 2);
  for (const api::LabelScore& score : response->labels()) {
    EXPECT_NE(std::find(request.labels().begin(), request.labels().end(), score.label()),
              request.labels().end());
    EXPECT_TRUE(score.has_confidence());
  }
}

TEST_F(EndToEndTest, AnAnswerIsOfTheSchemaThatWasAskedFor) {
  api::GenerateRequest request =
      ShowAndSay({EncodeJpeg(DrawChart(800, 600))}, "What kind of picture is it?");
  request.mutable_sampling()->set_temperature(0);
  request.mutable_sampling()->set_max_output_tokens(200);
  request.mutable_response_format()->set_json_schema(
      R"({"type":"object","properties":{"label":{"enum":["document","photo","chart","shape"]}},)"
      R"("required":["label"],"additionalProperties":false})");
  const auto response = Generate(*stub_, request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->text(), HasSubstr("\"chart\""));
  request.mutable_sampling()->set_max_output_tokens(1);
  const absl::Status cut = Generate(*stub_, request).status();
  EXPECT_EQ(ReasonOf(cut), "ANSWER_NOT_CONFORMING") << cut;
}

TEST_F(EndToEndTest, AModelThatMakesNoVectorsIsNotAskedForThem) {
  api::EmbedRequest request;
  request.set_model("tessera-mini");
  request.add_texts("a text");
  api::EmbedResponse response;
  const absl::Status status = FromGrpcStatus(stub_->Embed(Soon().get(), request, &response));
  EXPECT_EQ(ReasonOf(status), "MODEL_LACKS_CAPABILITY") << status;
}

TEST_F(EndToEndTest, ABatchOfPicturesFromTheCommandLine) {
  std::string items;
  for (const Kind& kind : Kinds()) {
    const std::string path = Scratch(kind.label + ".jpg");
    std::ofstream(path, std::ios::binary) << EncodeJpeg(kind.draw(400, 300, 5));
    items += fmt::format(
        R"({{"id":"{}","pictures":["{}"],"classify":{{"labels":["document","photo","chart","shape"]}}}})"
        "\n",
        kind.label, path);
  }
  std::ofstream(Scratch("items.jsonl")) << items;
  const Finished done = RunToEnd(
      {Binary("tessera"), "--address", Front(), "batch", Scratch("items.jsonl")}, absl::Minutes(1));
  EXPECT_EQ(done.exit_code, 0);
  for (const Kind& kind : Kinds()) {
    EXPECT_THAT(done.output, HasSubstr(fmt::format(R"({{"id":"{}","classify")", kind.label)));
  }
}

TEST_F(EndToEndTest, TextStreamsBackPieceByPieceWithTimings) {
  api::StreamGenerateRequest start;
  *start.mutable_start() =
      ShowAndSay({EncodeJpeg(DrawShape(600, 600, Shape::kCircle, kRed))}, "Describe the picture.");
  const StreamResult result = Stream(*stub_, {start});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_FALSE(result.text.empty());
  const api::Completion& end = result.events.back().finished();
  EXPECT_GT(end.usage().output_tokens(), 0U);
  EXPECT_GT(ToSeconds(end.timings().preprocess()), 0);
  EXPECT_GT(ToSeconds(end.timings().engine_prefill()), 0);
}

TEST_F(EndToEndTest, APictureTurnedByExifReadsLikeTheUprightOne) {
  const Drawing chart = DrawChart(800, 600);
  const auto response = Classify(*stub_, ClassifyFile(EncodeJpeg(chart, {.orientation = 6}),
                                                      {"document", "photo", "chart", "shape"}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->images(0).width_px(), 576U) << "turned by a quarter";
  EXPECT_EQ(response->images(0).height_px(), 768U);
}

TEST_F(EndToEndTest, PredictedPromptTokensAreWhatTheEngineCounts) {
  api::GenerateRequest request = Say("x");
  request.mutable_sampling()->set_max_output_tokens(1);
  const auto alone = Generate(*stub_, request);
  ASSERT_TRUE(alone.ok()) << alone.status();
  // Twenty results, half of them with sides that the engine has to change: halves of a cell, thin
  // strips, pictures below its least size.
  for (const auto& [width, height] : std::vector<std::pair<uint32_t, uint32_t>>{{800, 600},
                                                                                {300, 200},
                                                                                {1000, 400},
                                                                                {64, 64},
                                                                                {336, 240},
                                                                                {560, 368},
                                                                                {640, 32},
                                                                                {333, 501},
                                                                                {48, 700},
                                                                                {752, 208}}) {
    for (const bool engine_fit : {false, true}) {
      request = ShowAndSay({EncodePng(DrawGradient(width, height))}, "x");
      request.mutable_sampling()->set_max_output_tokens(1);
      if (engine_fit) {
        request.mutable_image_options()->mutable_engine_fit()->set_engine(
            image::v1::ENGINE_OLLAMA_LEGACY);
      }
      const auto response = Generate(*stub_, request);
      ASSERT_TRUE(response.ok()) << response.status();
      const uint32_t counted = response->completion().usage().prompt_tokens() -
                               alone->completion().usage().prompt_tokens();
      const api::ImageSummary& image = response->images(0);
      EXPECT_EQ(counted, image.prompt_tokens().ollama_legacy()) << width << "x" << height;
      if (engine_fit) {
        EXPECT_EQ(counted, (image.width_px() / 32) * (image.height_px() / 32) + 2)
            << "the engine resized " << image.width_px() << "x" << image.height_px();
      }
      std::printf("%ux%u -> %ux%u: %u prompt tokens\n", width, height, image.width_px(),
                  image.height_px(), counted);
    }
  }
}

TEST_F(EndToEndTest, TwoHundredCancelledRequestsAreGoneAtOnceAndLeaveTheEngineFree) {
  const auto in_flight = [] {
    return Sample(Scrape(inference_->metrics_port()), "tessera_inference_requests_in_flight");
  };
  std::vector<double> gone_ms;
  for (uint64_t i = 0; i < 200; ++i) {
    const auto context = Soon();
    const auto stream = stub_->StreamGenerate(context.get());
    api::StreamGenerateRequest start;
    // Another picture each time, or the engine would answer from its cache at once.
    *start.mutable_start() = ShowAndSay({EncodeJpeg(DrawPhoto(160, 120, i + 2))}, "Describe it.");
    ASSERT_TRUE(stream->Write(start));
    api::StreamGenerateResponse event;
    while (stream->Read(&event) && !event.has_started()) {
    }
    const absl::Time cancelled = absl::Now();
    context->TryCancel();
    ASSERT_TRUE(PollUntil([&] { return in_flight() == 0; }));
    gone_ms.push_back(absl::ToDoubleMilliseconds(absl::Now() - cancelled));
    while (stream->Read(&event)) {
    }
    const grpc::StatusCode code = stream->Finish().error_code();
    // A small picture may be answered before the cancel arrives.
    EXPECT_TRUE(code == grpc::StatusCode::CANCELLED || code == grpc::StatusCode::OK) << code;
  }
  std::sort(gone_ms.begin(), gone_ms.end());
  std::printf(
      "cancel at the front door until tessera-inference has closed the connection to a real "
      "Ollama, 200 times, seen by scraping: median %.1f ms, p99 %.1f ms, max %.1f ms\n",
      gone_ms[100], gone_ms[198], gone_ms[199]);
  const auto response = Generate(*stub_, Say("what can you see?"));
  EXPECT_TRUE(response.ok()) << response.status();
}

TEST_F(EndToEndTest, RequestsThatWaitHearWhereTheyAre) {
  constexpr uint64_t kRequests = 6;  // For one slot.
  // How long it takes is learnt first.
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(Generate(*stub_, Say("What about you?")).ok());
  std::vector<std::future<StreamResult>> results;
  for (uint64_t i = 0; i < kRequests; ++i) {
    results.push_back(std::async(std::launch::async, [i] {
      api::StreamGenerateRequest start;
      *start.mutable_start() = Say(fmt::format("What about number {}?", i));
      return Stream(*stub_, {start});
    }));
  }
  int waited = 0;
  double error_seconds = 0;
  for (auto& pending : results) {
    const StreamResult result = pending.get();
    ASSERT_TRUE(result.status.ok()) << result.status;
    if (std::none_of(result.events.begin(), result.events.end(),
                     [](const auto& event) { return event.has_queued(); })) {
      continue;
    }
    ++waited;
    const api::Timings& timings = result.events.back().finished().timings();
    EXPECT_GT(ToSeconds(timings.queue()), 0);
    error_seconds += std::abs(ToSeconds(timings.queue()) - ToSeconds(timings.predicted_queue()));
    std::printf("waited %.2f s, predicted %.2f s\n", ToSeconds(timings.queue()),
                ToSeconds(timings.predicted_queue()));
  }
  EXPECT_GE(waited, 3);
  std::printf("%d of %d waited; mean error of the prediction %.2f s\n", waited,
              static_cast<int>(kRequests), error_seconds / waited);
}

TEST_F(EndToEndTest, ACancelledAnswerLeavesItsSlotToTheNextRequest) {
  const auto context = Soon();
  const auto stream = stub_->StreamGenerate(context.get());
  api::StreamGenerateRequest start;
  *start.mutable_start() = Say("Tell me something.");
  ASSERT_TRUE(stream->Write(start));
  api::StreamGenerateResponse event;
  while (stream->Read(&event) && !event.has_text()) {
  }
  ASSERT_TRUE(event.has_text());
  context->TryCancel();
  stream->Finish();
  ASSERT_TRUE(Generate(*stub_, Say("what can you see?")).ok());
  const std::string scrape = Scrape(inference_->metrics_port());
  EXPECT_GT(Sample(scrape, "tessera_inference_cancel_to_release_seconds_count"), 0);
  EXPECT_EQ(Sample(scrape, "tessera_inference_jobs"), 0);
}

// The runner of the loaded model: the engine's only child.
int RunnerPid() {
  int engine = 0, runner = 0;
  std::ifstream(Scratch("engine/ollama.pid")) >> engine;
  std::ifstream(fmt::format("/proc/{0}/task/{0}/children", engine)) >> runner;
  if (runner != 0) return runner;
  // Started by another thread than the first.
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", engine))) {
    if (std::ifstream(task.path() / "children") >> runner) return runner;
  }
  return 0;
}

TEST_F(EndToEndTest, AModelThatAnswersNobodyIsLoadedAnewAndNoRequestIsLost) {
  // Silence means something once it is known how long answers take.
  for (const char* text : {"one", "two", "three"}) {
    ASSERT_TRUE(Generate(*stub_, Say(text)).ok());
  }
  const int runner = RunnerPid();
  ASSERT_GT(runner, 1);
  // It accepts everything from now on and does nothing.
  ASSERT_EQ(kill(runner, SIGSTOP), 0);
  const absl::Time stopped = absl::Now();
  std::vector<std::future<absl::Status>> results;
  for (int i = 0; i < 4; ++i) {
    results.push_back(std::async(std::launch::async, [i] {
      api::GenerateResponse response;
      return FromGrpcStatus(stub_->Generate(Soon(absl::Minutes(2)).get(),
                                            Say(fmt::format("number {}", i)), &response));
    }));
  }
  for (auto& result : results) {
    const absl::Status status = result.get();
    EXPECT_TRUE(status.ok()) << status;
  }
  std::printf("four requests to a runner that was stopped were answered after %.1f s\n",
              absl::ToDoubleSeconds(absl::Now() - stopped));
  EXPECT_NE(RunnerPid(), runner);
  EXPECT_THAT(Scrape(inference_->metrics_port()),
              ::testing::ContainsRegex("tessera_inference_wedges_total.*tessera-mini\"} [1-9]"));
}

TEST_F(EndToEndTest, BothMetricsEndpointsAreScrapedAndTellOfTheWork) {
  ASSERT_TRUE(Generate(*stub_, Say("hello")).ok());
  const std::string front = Scrape(preprocess_->metrics_port());
  const std::string inference = Scrape(inference_->metrics_port());
  EXPECT_GT(Sample(inference,
                   "tessera_inference_tokens_total{direction=\"output\",gen_ai_request_model="
                   "\"tessera-mini\"}"),
            0);
  EXPECT_EQ(Sample(front, "tessera_preprocess_inference_up"), 1);
  for (const auto& [name, text] : {std::pair{"front", front}, {"inference", inference}}) {
    const std::string path = Scratch(std::string(name) + ".prom");
    std::ofstream(path) << text;
    const Finished checked = RunToEnd(
        {"/bin/sh", "-c", fmt::format("promtool check metrics < {}", path)}, absl::Seconds(20));
    EXPECT_EQ(checked.exit_code, 0) << name << ": " << checked.output;
  }
}

TEST_F(EndToEndTest, TheCommandLineClassifiesAndStreams) {
  const std::string path = Scratch("chart.png");
  std::ofstream(path, std::ios::binary) << EncodePng(DrawChart(800, 600));
  const Finished classified = RunToEnd({Binary("tessera"), "--address", Front(), "classify", path,
                                        "--labels", "document,photo,chart,shape"},
                                       absl::Minutes(1));
  EXPECT_EQ(classified.exit_code, 0);
  EXPECT_THAT(classified.output, HasSubstr("chart"));
  const Finished generated = RunToEnd({Binary("tessera"), "--address", Front(), "generate",
                                       "Describe the picture.", "--picture", path, "--stream"},
                                      absl::Minutes(1));
  EXPECT_EQ(generated.exit_code, 0);
  EXPECT_FALSE(generated.output.empty());
}

TEST_F(EndToEndTest, TheHealthcheckModeAnswersForContainers) {
  EXPECT_EQ(RunToEnd({Binary("tessera-preprocess"), "--healthcheck", "--listen", Front()},
                     absl::Seconds(10))
                .exit_code,
            0);
  EXPECT_EQ(RunToEnd({Binary("tessera-inference"), "--healthcheck", "--listen", "127.0.0.1:1"},
                     absl::Seconds(10))
                .exit_code,
            2);
}

}  // namespace
}  // namespace tessera::testing
