// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "common/concurrency/notification.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;

// A stream that says one thing and then waits to be given up.
class InterruptTest : public ::testing::Test {
 protected:
  InterruptTest() {
    server_.inference.on_stream = [this](const FakeInference::Upload&,
                                         FakeInference::Stream& stream,
                                         grpc::ServerContext& context) {
      stream.Write(TextEvent("The sky"));
      if (WaitForCancel(context)) cancelled_.Notify();
      return absl::CancelledError();
    };
  }

  ProcessResult RunAndSignal(int signal_number, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--address", server_.address(), "generate", "Why?", "--stream"});
    TesseraProcess process(std::move(more));
    EXPECT_TRUE(process.WaitForOut("The sky"));
    process.Signal(signal_number);
    const ProcessResult result = process.Wait();
    EXPECT_TRUE(cancelled_.WaitFor(absl::Seconds(20))) << "the server was not told";
    return result;
  }

  // Outlive the server, whose handlers use them.
  Notification called_;
  Notification done_;
  Notification cancelled_;
  FakeServer server_;
};

TEST_F(InterruptTest, CtrlCCancelsTheCallAndEndsWith130) {
  const ProcessResult result = RunAndSignal(SIGINT);
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.err, "cancelled\n");
}

TEST_F(InterruptTest, SigtermDoesTheSameAndEndsWith143) {
  EXPECT_EQ(RunAndSignal(SIGTERM).exit_code, 143);
}

TEST_F(InterruptTest, SaysNothingAmongDocuments) {
  const ProcessResult result = RunAndSignal(SIGINT, {"--json"});
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, HasSubstr("The sky"));
}

TEST_F(InterruptTest, CtrlCAlsoEndsAnUnaryCall) {
  server_.inference.on_classify = [this](const auto&, auto&) {
    called_.Notify();
    EXPECT_TRUE(done_.WaitFor(absl::Seconds(20)));
    return absl::CancelledError();
  };
  TesseraProcess process(
      {"--address", server_.address(), "classify", "--text", "x", "--labels", "a,b"});
  EXPECT_TRUE(called_.WaitFor(absl::Seconds(20)));
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  done_.Notify();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(result.out, "");
}

}  // namespace
}  // namespace tessera::cli
