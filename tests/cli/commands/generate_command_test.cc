// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "common/status/error.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;
using ::testing::HasSubstr;
using ::testing::Not;

class GenerateCommandTest : public ::testing::Test {
 protected:
  GenerateCommandTest() {
    server_.inference.on_generate = [this](const api::GenerateRequest& request,
                                           api::GenerateResponse& response) {
      request_ = request;
      response.set_text("The sky is blue.\x1b[2J");
      *response.mutable_completion() = SomeCompletion();
      return absl::OkStatus();
    };
    server_.inference.on_stream = [this](const FakeInference::Upload& upload,
                                         FakeInference::Stream& stream, grpc::ServerContext&) {
      upload_ = upload;
      for (size_t i = 0; i < upload.pictures.size(); ++i) {
        api::StreamGenerateResponse event;
        *event.mutable_image_prepared() = SomeSummary(static_cast<uint32_t>(i));
        stream.Write(event);
      }
      for (const char* text : {"The ", "sky ", "is blue."}) stream.Write(TextEvent(text));
      stream.Write(FinishedEvent());
      return absl::OkStatus();
    };
  }

  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    arguments.insert(arguments.begin(), {"--address", server_.address(), "generate"});
    return RunTessera(std::move(arguments), std::move(options));
  }

  api::GenerateRequest request_;
  FakeInference::Upload upload_;
  FakeServer server_;
};

TEST_F(GenerateCommandTest, PrintsTheAnswerByteForByteInAPipe) {
  const ProcessResult result = Run({"Why?"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "The sky is blue.\x1b[2J\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(GenerateCommandTest, SendsEverythingItIsGiven) {
  const std::string first = TemporaryFile("first.jpg", "one");
  const std::string second = TemporaryFile("second.jpg", "two");
  const ProcessResult result =
      Run({"What changed?", "--picture", first, "--picture", second, "--system", "Be short.",
           "--model", "m", "--max-tokens", "40", "--temperature", "0", "--seed", "7"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  ASSERT_EQ(request_.messages_size(), 2);
  EXPECT_EQ(request_.messages(0).role(), api::ROLE_SYSTEM);
  EXPECT_EQ(request_.messages(0).text(), "Be short.");
  EXPECT_EQ(request_.messages(1).role(), api::ROLE_USER);
  EXPECT_EQ(request_.messages(1).text(), "What changed?");
  ASSERT_EQ(request_.messages(1).images_size(), 2);
  EXPECT_EQ(request_.messages(1).images(0).content(), "one");
  EXPECT_EQ(request_.messages(1).images(1).content(), "two");
  EXPECT_EQ(request_.model(), "m");
  EXPECT_EQ(request_.sampling().max_output_tokens(), 40u);
  EXPECT_TRUE(request_.sampling().has_temperature());
  EXPECT_EQ(request_.sampling().temperature(), 0.0f);
  EXPECT_EQ(request_.sampling().seed(), 7u);
}

TEST_F(GenerateCommandTest, LeavesDefaultsToTheServer) {
  Run({"Why?"});
  EXPECT_FALSE(request_.sampling().has_temperature());
  EXPECT_FALSE(request_.sampling().has_seed());
  EXPECT_FALSE(request_.sampling().has_max_output_tokens());
  EXPECT_EQ(request_.messages_size(), 1);
}

TEST_F(GenerateCommandTest, ReadsThePromptFromStandardInput) {
  EXPECT_EQ(Run({"-"}, {.input = "A long\nprompt\n"}).exit_code, 0);
  EXPECT_EQ(request_.messages(0).text(), "A long\nprompt\n");
}

TEST_F(GenerateCommandTest, TakesAPromptThatLooksLikeACommandOrAnOption) {
  EXPECT_EQ(Run({"health"}).exit_code, 0);
  EXPECT_EQ(request_.messages(0).text(), "health");
  EXPECT_EQ(Run({"--", "--help me"}).exit_code, 0);
  EXPECT_EQ(request_.messages(0).text(), "--help me");
}

TEST_F(GenerateCommandTest, RefusesAPromptThatCannotBeSent) {
  const ProcessResult result = Run({"-"}, {.input = "\xff\xfe"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("the prompt is not valid UTF-8"));
  EXPECT_EQ(Run({"-", "--picture", "-"}).exit_code, 2);
}

TEST_F(GenerateCommandTest, MakesOneDocumentOfAWholeAnswer) {
  const ProcessResult result = Run({"Why?", "--json"});
  const auto document = nlohmann::json::parse(result.out);
  EXPECT_EQ(document["text"], "The sky is blue.\x1b[2J");
  EXPECT_EQ(document["completion"]["model"], "tessera-mini");
  EXPECT_EQ(document["completion"]["finishReason"], "FINISH_REASON_STOP");
  EXPECT_GT(document["client"]["tokensPerSecond"], 0.0);
}

TEST_F(GenerateCommandTest, StreamsText) {
  const ProcessResult result = Run({"Why?", "--stream"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "The sky is blue.\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(GenerateCommandTest, UploadsPicturesOnTheStreamLargeOnesInPieces) {
  const std::string large(3'000'001, 'L');
  const std::string small = TemporaryFile("small.jpg", "small");
  const ProcessResult result = Run({"Describe.", "--stream", "--picture", small, "--picture",
                                    TemporaryFile("large.jpg", large), "--timings"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto& images = upload_.start.messages(0).images();
  ASSERT_EQ(images.size(), 2);
  EXPECT_EQ(upload_.pictures[images[0].stream_id()], "small");
  EXPECT_EQ(upload_.messages[images[0].stream_id()], 1);
  EXPECT_EQ(upload_.pictures[images[1].stream_id()], large);
  EXPECT_EQ(upload_.messages[images[1].stream_id()], 12);
  EXPECT_THAT(result.err, HasSubstr("upload"));
  EXPECT_THAT(result.err, HasSubstr("picture 2"));
  EXPECT_THAT(result.err, HasSubstr("from the first text to the last"));
}

TEST_F(GenerateCommandTest, MakesOneDocumentPerEventOfAStream) {
  const std::string picture = TemporaryFile("p.jpg", "p");
  const ProcessResult result = Run({"Why?", "--stream", "--json", "--picture", picture});
  std::istringstream lines(result.out);
  std::vector<nlohmann::json> events;
  for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0]["imagePrepared"]["index"], 0);
  EXPECT_EQ(events[1]["text"]["text"], "The ");
  EXPECT_EQ(events[4]["finished"]["usage"]["promptTokens"], 312);
  EXPECT_GT(events[4]["client"]["firstTextSeconds"], 0.0);
}

TEST_F(GenerateCommandTest, KeepsTheTextThatCameBeforeAnError) {
  server_.inference.on_stream = [](const FakeInference::Upload&, FakeInference::Stream& stream,
                                   grpc::ServerContext&) {
    stream.Write(TextEvent("The sky"));
    return MakeError(absl::StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN",
                     "the engine closed the connection", {.retry_after = absl::Milliseconds(1500)});
  };
  const ProcessResult result = Run({"Why?", "--stream"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, "The sky\n");
  EXPECT_THAT(result.err, HasSubstr("reason   ENGINE_STREAM_BROKEN\n"));
  EXPECT_THAT(result.err, HasSubstr("retry    in 1.50 s\n"));
}

TEST_F(GenerateCommandTest, ReportsAnErrorThatEndsTheUpload) {
  server_.inference.on_stream = [](const FakeInference::Upload&, FakeInference::Stream&,
                                   grpc::ServerContext&) {
    return MakeError(absl::StatusCode::kInvalidArgument, "IMAGE_TOO_MANY_BYTES", "too large");
  };
  const std::string large = TemporaryFile("33.jpg", std::string(33 << 20, 'x'));
  const ProcessResult result = Run({"Why?", "--stream", "--picture", large});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("warning: " + large + " has 33.0 MiB; servers take 32.0 MiB"));
  EXPECT_THAT(result.err, HasSubstr("IMAGE_TOO_MANY_BYTES"));
}

TEST_F(GenerateCommandTest, SaysThatAnAnswerWasCut) {
  server_.inference.on_generate = [](const api::GenerateRequest&, api::GenerateResponse& response) {
    response.set_text("The");
    response.mutable_completion()->set_finish_reason(api::FINISH_REASON_LENGTH);
    return absl::OkStatus();
  };
  const ProcessResult result = Run({"Why?", "--max-tokens", "1"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "The\n");
  EXPECT_THAT(result.err, HasSubstr("warning: the answer was cut"));
}

TEST_F(GenerateCommandTest, GivesUpWhenTheTimeIsOver) {
  server_.inference.on_stream = [](const FakeInference::Upload&, FakeInference::Stream& stream,
                                   grpc::ServerContext& context) {
    stream.Write(TextEvent("The sky"));
    EXPECT_TRUE(WaitForCancel(context));
    return absl::CancelledError();
  };
  const ProcessResult result = Run({"Why?", "--stream", "--timeout", "3s"});
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_EQ(result.out, "The sky\n");
  EXPECT_THAT(result.err, HasSubstr("reason   DEADLINE_EXCEEDED\n"));
  EXPECT_THAT(result.err, HasSubstr("3.00 s (--timeout)"));
  EXPECT_THAT(result.err, HasSubstr("--timeout 5m"));
}

TEST_F(GenerateCommandTest, StopsTheEngineWhenNobodyReadsTheOutput) {
  server_.inference.on_stream = [](const FakeInference::Upload&, FakeInference::Stream& stream,
                                   grpc::ServerContext& context) {
    while (stream.Write(TextEvent("more "))) {
    }
    EXPECT_TRUE(WaitForCancel(context));
    return absl::CancelledError();
  };
  const std::string command = std::string(TESSERA_BINARY) + " --address " + server_.address() +
                              " generate x --stream >/dev/full 2>&1";
  TakeTurn();
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 6);
}

TEST_F(GenerateCommandTest, AsksForAFormForToolsAndForThoughts) {
  const std::string schema = TemporaryFile("schema.json", R"({"type":"object"})");
  const std::string tools = TemporaryFile("tools.json", R"([{"name":"weather"}])");
  const ProcessResult result = Run({"Who?", "--schema", "@" + schema, "--repair", "--tools", tools,
                                    "--think", "low", "--top-logprobs", "2", "--cache", "use"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(request_.response_format().json_schema(), R"({"type":"object"})");
  EXPECT_TRUE(request_.response_format().repair());
  ASSERT_EQ(request_.tools_size(), 1);
  EXPECT_EQ(request_.tools(0).name(), "weather");
  EXPECT_EQ(request_.thinking(), api::THINKING_LOW);
  EXPECT_EQ(request_.top_logprobs(), 2);
  EXPECT_EQ(request_.cache_policy(), api::CACHE_POLICY_USE);
  EXPECT_EQ(Run({"Who?", "--schema", "{}", "--any-json"}).exit_code, 2);
  EXPECT_EQ(Run({"Who?", "--any-json"}).exit_code, 0);
  EXPECT_TRUE(request_.response_format().json());
}

TEST_F(GenerateCommandTest, AToolThatIsCalledIsALine) {
  server_.inference.on_generate = [](const api::GenerateRequest&, api::GenerateResponse& response) {
    response.add_tool_calls()->set_name("weather");
    response.mutable_tool_calls(0)->set_arguments_json(R"({"city":"Ulm"})");
    return absl::OkStatus();
  };
  EXPECT_THAT(Run({"Weather?"}).out, HasSubstr("weather {\"city\":\"Ulm\"}\n"));
  server_.inference.on_stream = [](const FakeInference::Upload&, FakeInference::Stream& stream,
                                   grpc::ServerContext&) {
    api::StreamGenerateResponse event;
    event.mutable_queued()->set_position(2);
    stream.Write(event);
    event.mutable_tool_call()->set_name("weather");
    stream.Write(event);
    stream.Write(FinishedEvent());
    return absl::OkStatus();
  };
  EXPECT_THAT(Run({"Weather?", "--stream"}).out, HasSubstr("weather "));
}

}  // namespace
}  // namespace tessera::cli
