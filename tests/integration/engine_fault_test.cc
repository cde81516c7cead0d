// SPDX-License-Identifier: Apache-2.0
//
// Everything an engine can do wrong: each gives the right code, within time, and the next request
// is served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "tests/integration/pair.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

using absl::StatusCode;

struct FaultRow {
  std::string directives;
  StatusCode code;
  std::string reason;
};

PairOptions ShortLimits() {
  PairOptions options;
  options.inference.first_token_timeout = absl::Milliseconds(500);
  options.inference.idle_timeout = absl::Milliseconds(500);
  return options;
}

const std::vector<FaultRow>& Rows() {
  static const auto* const rows = new std::vector<FaultRow>{
      {"fault=\"status:500:something odd\"", StatusCode::kInternal, "ENGINE_FAILED"},
      {"fault=status:500", StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"},
      {"fault=status:503", StatusCode::kResourceExhausted, "ENGINE_BUSY"},
      {"fault=reset:head", StatusCode::kUnavailable, "ENGINE_UNREACHABLE"},
      {"fault=reset:3 tokens=9", StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"},
      {"fault=abort:3 tokens=9", StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"},
      {"fault=close:3 tokens=9", StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"},
      {"fault=runner_died:3 tokens=9", StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"},
      {"fault=silent:2 tokens=9", StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT"},
      {"fault=blackhole", StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT"},
      {"fault=truncated:2 tokens=9", StatusCode::kInternal, "ENGINE_REPLY_INVALID"},
      {"fault=garbage:1 tokens=9", StatusCode::kInternal, "ENGINE_REPLY_INVALID"},
      {"fault=html:200", StatusCode::kInternal, "ENGINE_REPLY_INVALID"},
      {"fault=html:502", StatusCode::kInternal, "ENGINE_FAILED"},
      {"fault=bigline:1073741824", StatusCode::kResourceExhausted, "REPLY_TOO_LARGE"},
  };
  return *rows;
}

TEST(EngineFaultTest, EachFaultHasItsCodeAndReasonAtTheGpuDoor) {
  Pair pair(ShortLimits());
  for (const FaultRow& row : Rows()) {
    SCOPED_TRACE(row.directives);
    // For every attempt: a pooled connection that is reset before a byte is tried again once.
    pair.engine().Script(row.directives, /*times=*/0);
    const absl::Time start = absl::Now();
    const auto response = Generate(pair.gpu(), Say("hello"));
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.status().code(), row.code) << response.status();
    EXPECT_EQ(ReasonOf(response.status()), row.reason) << response.status();
    EXPECT_LT(absl::Now() - start, absl::Seconds(5));
    EXPECT_FALSE(MetadataOf(response.status(), "requestId").empty());
    pair.engine().ClearScripts();
    pair.ExpectServes();
  }
}

TEST(EngineFaultTest, ErrorsPassTheFrontDoorUnchanged) {
  Pair pair(ShortLimits());
  int width_px = 320;
  for (const FaultRow& row : Rows()) {
    SCOPED_TRACE(row.directives);
    // A retry must not find a healthy engine, so the fault stays for all attempts.
    pair.engine().Script(row.directives, /*times=*/0);
    // Another picture each time: what crashes the model twice is refused from then on.
    const std::string picture = EncodeJpeg(DrawPhoto(width_px++, 240));
    const auto response = Generate(pair.front(), ShowAndSay({picture}, "what?"));
    ASSERT_FALSE(response.ok());
    if (row.directives == "fault=status:500") {
      EXPECT_EQ(ReasonOf(response.status()), "IMAGE_POISONED") << response.status();
    } else {
      EXPECT_EQ(response.status().code(), row.code) << response.status();
      EXPECT_EQ(ReasonOf(response.status()), row.reason) << response.status();
    }
    pair.engine().ClearScripts();
    // Of pictures too, once the circuit of their model has closed.
    EXPECT_TRUE(PollUntil([&] {
      return Generate(pair.front(), ShowAndSay({EncodeJpeg(DrawPhoto(64, 64))}, "well?")).ok();
    }));
  }
}

TEST(EngineFaultTest, TextThatWasDeliveredBeforeAnErrorStaysDelivered) {
  Pair pair(ShortLimits());
  pair.engine().Script("text=\"one two three four five\" fault=close:2");
  api::StreamGenerateRequest start;
  *start.mutable_start() = Say("count");
  const StreamResult result = Stream(pair.gpu(), {start});
  EXPECT_EQ(ReasonOf(result.status), "ENGINE_STREAM_BROKEN");
  EXPECT_EQ(result.text.rfind("one", 0), 0U) << result.text;
}

TEST(EngineFaultTest, AContextOverflowSaysNeededAndAvailable) {
  Pair pair;
  // Each costs at least 1,026 tokens, and the simulated model's context has 8,192.
  const std::vector<std::string> eight(8, EncodeJpeg(DrawPhoto(640, 480)));
  const auto response = Generate(pair.front(), ShowAndSay(eight, "compare"));
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(ReasonOf(response.status()), "CONTEXT_OVERFLOW") << response.status();
  EXPECT_EQ(MetadataOf(response.status(), "availableTokens"), "8192");
  EXPECT_GT(std::stoi(MetadataOf(response.status(), "neededTokens")), 8 * 1026);
}

TEST(EngineFaultTest, APictureThatTheEngineDroppedSilentlyIsAnError) {
  PairOptions options;
  options.simulator.version = "0.17.4";
  options.simulator.generation = simulator::EngineGeneration::kLegacy;
  Pair pair(options);
  pair.engine().Script("prompt_tokens=26 text=\"shape\"");
  const auto response =
      Generate(pair.front(), ShowAndSay({EncodeJpeg(DrawPhoto(1600, 1200))}, "what?"));
  EXPECT_EQ(response.status().code(), StatusCode::kInvalidArgument) << response.status();
  EXPECT_EQ(ReasonOf(response.status()), "CONTEXT_OVERFLOW");
  EXPECT_EQ(MetadataOf(response.status(), "readTokens"), "26");
  pair.ExpectServes();
}

TEST(EngineFaultTest, AnEngineThatIsDownIsUnreachableUntilItIsBack) {
  Pair pair;
  pair.engine().Crash();
  const auto response = Generate(pair.front(), Say("hello"));
  EXPECT_EQ(response.status().code(), StatusCode::kUnavailable) << response.status();
  EXPECT_EQ(ReasonOf(response.status()), "ENGINE_UNREACHABLE");
  ASSERT_TRUE(pair.engine().Restart().ok());
  pair.ExpectServes();
}

TEST(EngineFaultTest, AnEngineThatRestartsDuringAStreamBreaksThatStreamOnly) {
  Pair pair;
  pair.engine().Script("tokens=2000 rate=200");
  const auto context = Soon();
  const auto stream = pair.gpu().StreamGenerate(context.get());
  api::StreamGenerateRequest start;
  *start.mutable_start() = Say("slowly");
  ASSERT_TRUE(stream->Write(start));
  stream->WritesDone();
  api::StreamGenerateResponse event;
  while (stream->Read(&event) && !event.has_text()) {
  }
  pair.engine().Crash();
  ASSERT_TRUE(pair.engine().Restart().ok());
  while (stream->Read(&event)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  pair.ExpectServes();
}

TEST(EngineFaultTest, PreprocessWithoutInferenceSaysSoAndStillPreparesPictures) {
  PairOptions options;
  options.with_inference = false;
  Pair pair(options);
  const std::string picture = EncodeJpeg(DrawPhoto(320, 240));
  for (const auto& status : {Generate(pair.front(), Say("hello")).status(),
                             Generate(pair.front(), ShowAndSay({picture}, "hello")).status(),
                             Classify(pair.front(), ClassifyFile(picture, {"a", "b"})).status()}) {
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
    EXPECT_EQ(ReasonOf(status), "INFERENCE_UNREACHABLE") << status;
  }
  preprocess::v1::PreprocessImageRequest request;
  request.set_content(picture);
  preprocess::v1::PreprocessImageResponse response;
  EXPECT_TRUE(pair.pictures().PreprocessImage(Soon().get(), request, &response).ok());
}

TEST(EngineDeliveryTest, AnswersAreTheSameHoweverTheNetworkCutsThem) {
  Pair pair;
  const std::string text = "h\u00e9llo <b>w\u00f6rld</b> \u4f60\u597d \U0001F600 & more";
  for (const std::string deliver :
       {"", " deliver=split:1", " deliver=split:3", " deliver=split:7", " deliver=bytes",
        " deliver=join:all", " deliver=split:random:3"}) {
    SCOPED_TRACE(deliver);
    pair.engine().Script("text=\"" + text + "\"" + deliver);
    const auto response = Generate(pair.gpu(), Say("speak"));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->text(), text);
  }
}

}  // namespace
}  // namespace tessera::testing
