// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "common/status/error.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class TerminalOutputTest : public ::testing::Test {
 protected:
  static ProcessOptions OnTerminal(ProcessOptions options) {
    options.out_is_terminal = true;
    options.err_is_terminal = true;
    return options;
  }

  std::vector<std::string> WithAddress(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--address", server_.address()});
    return arguments;
  }

  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    return RunTessera(WithAddress(std::move(arguments)), OnTerminal(std::move(options)));
  }

  void StreamText(const std::string& text) {
    server_.inference.on_stream = [this, text](const FakeInference::Upload&,
                                               FakeInference::Stream& stream,
                                               grpc::ServerContext&) {
      if (wait_) (void)go_on_.WaitFor(absl::Seconds(30));
      stream.Write(TextEvent(text));
      stream.Write(FinishedEvent());
      return absl::OkStatus();
    };
  }

  bool wait_ = false;
  Notification go_on_;
  FakeServer server_;
};

TEST_F(TerminalOutputTest, ShowsControlCharactersOfAModelInsteadOfObeyingThem) {
  StreamText("\x1b[2J\x1b]0;owned\x07 done\r\n\u202E");
  EXPECT_EQ(Run({"generate", "x", "--stream"}).out, "\\x1b[2J\\x1b]0;owned\\x07 done\n\\u202e\n");
}

TEST_F(TerminalOutputTest, ShowsProgressAndTakesItAway) {
  StreamText("done");
  wait_ = true;
  TesseraProcess process(WithAddress({"generate", "x", "--stream"}), OnTerminal({}));
  EXPECT_TRUE(process.WaitForErr("waiting for the first token"));
  go_on_.Notify();
  const ProcessResult result = process.Wait();
  EXPECT_THAT(result.err, EndsWith("\r\x1b[K"));
  EXPECT_EQ(result.out, "done\n");
}

TEST_F(TerminalOutputTest, SendsNoControlsWhereTheyAreNotUnderstood) {
  // Longer than the progress line takes to appear.
  server_.inference.on_generate = [](const auto&, auto&) {
    absl::SleepFor(absl::Milliseconds(400));
    return MakeError(absl::StatusCode::kInternal, "ENGINE_FAILED", "broken");
  };
  const ProcessResult result = Run({"generate", "x"}, {.environment = {{"TERM", "dumb"}}});
  EXPECT_THAT(result.err, StartsWith("error: generate failed\n"));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
}

TEST_F(TerminalOutputTest, ColorsErrorsUnlessToldNotTo) {
  server_.inference.on_generate = [](const auto&, auto&) {
    return MakeError(absl::StatusCode::kNotFound, "MODEL_NOT_FOUND", "no model \x1b[31mx");
  };
  EXPECT_THAT(Run({"generate", "x"}).err, HasSubstr("\x1b[1;31merror:\x1b[0m"));
  const ProcessResult no_color = Run({"generate", "x"}, {.environment = {{"NO_COLOR", "1"}}});
  EXPECT_THAT(no_color.err, HasSubstr("error: generate failed\n"));
  EXPECT_THAT(no_color.err, HasSubstr("no model \\x1b[31mx\n"));
  EXPECT_THAT(Run({"generate", "x", "--no-color"}).err, HasSubstr("error: generate failed\n"));
}

TEST_F(TerminalOutputTest, ColorsLabelsOnATerminal) {
  server_.inference.on_classify = [](const auto&, api::ClassifyResponse& response) {
    response.set_label("photo");
    response.set_confidence(0.9812);
    return absl::OkStatus();
  };
  EXPECT_EQ(Run({"classify", "--text", "x", "--labels", "photo,chart"}).out,
            "text  \x1b[32mphoto\x1b[0m  \x1b[2m98.1 %\x1b[0m\n");
  EXPECT_EQ(Run({"classify", "--text", "x", "--labels", "photo,chart", "--no-color"}).out,
            "text  photo  98.1 %\n");
}

TEST_F(TerminalOutputTest, EscapesEverythingInDocuments) {
  server_.inference.on_generate = [](const auto&, api::GenerateResponse& response) {
    response.set_text("\x1b[2J\u009b\u202E");
    return absl::OkStatus();
  };
  const ProcessResult result = Run({"generate", "x", "--json"});
  EXPECT_THAT(result.out, HasSubstr("\\u001b[2J\\u009b\\u202e"));
  EXPECT_THAT(result.out, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace tessera::cli
