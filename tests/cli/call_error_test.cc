// SPDX-License-Identifier: Apache-2.0
#include "cli/call_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/grpc_status.h"
#include "common/status/error.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;

const CallFacts kFacts{.address = "front:7000", .timeout = absl::Seconds(60)};

struct Case {
  grpc::StatusCode code;
  std::string message;
  std::string reason;
  ExitCode exit_code;
};

TEST(CallErrorTest, SaysWhatHappenedToTheConnection) {
  const Case cases[] = {
      {grpc::UNAVAILABLE, "failed to connect to all addresses; last error: UNKNOWN: refused",
       "SERVER_UNREACHABLE", kExitUnreachable},
      {grpc::UNAVAILABLE, "DNS resolution failed for front:7000", "SERVER_UNREACHABLE",
       kExitUnreachable},
      {grpc::UNAVAILABLE, "Socket closed", "CONNECTION_LOST", kExitUnreachable},
      {grpc::UNAVAILABLE, "Trying to connect an http1.x server", "NOT_GRPC", kExitUnreachable},
      {grpc::UNAVAILABLE,
       "connections to all backends failing; last error: UNAVAILABLE: ipv4:127.0.0.1:9100: "
       "Failed parsing HTTP/2",
       "NOT_GRPC", kExitUnreachable},
      {grpc::DEADLINE_EXCEEDED, "Deadline Exceeded", "DEADLINE_EXCEEDED", kExitDeadline},
      {grpc::CANCELLED, "CANCELLED", "CANCELLED", kExitFailed},
      {grpc::UNIMPLEMENTED, "", "NOT_SERVED_HERE", kExitFailed},
      {grpc::RESOURCE_EXHAUSTED, "Sent message larger than max (9 vs. 8)", "MESSAGE_TOO_LARGE",
       kExitFailed},
      {grpc::INTERNAL, "odd", "INTERNAL", kExitFailed},
  };
  for (const Case& c : cases) {
    const absl::Status error = ToCallError(grpc::Status(c.code, c.message), kFacts);
    EXPECT_EQ(ReasonOf(error), c.reason) << c.message;
    EXPECT_EQ(ExitCodeFor(error), c.exit_code) << c.message;
    EXPECT_FALSE(error.message().empty()) << c.reason;
    EXPECT_EQ(static_cast<int>(error.code()), c.code);
  }
}

TEST(CallErrorTest, LeavesOutWhatOnlyTheLibraryUnderstands) {
  const absl::Status error = ToCallError(
      grpc::Status(grpc::UNAVAILABLE,
                   "connections to all backends failing; last error: UNKNOWN: "
                   "ipv4:127.0.0.1:7000: Failed to connect to remote host: Connection refused"),
      kFacts);
  EXPECT_EQ(error.message(),
            "nobody answers at front:7000: ipv4:127.0.0.1:7000: Failed to connect to remote host: "
            "Connection refused");
}

TEST(CallErrorTest, NamesTheTimeoutThatPassed) {
  const absl::Status error =
      ToCallError(grpc::Status(grpc::DEADLINE_EXCEEDED, "Deadline Exceeded"), kFacts);
  EXPECT_THAT(std::string(error.message()), HasSubstr("60.00 s"));
}

TEST(CallErrorTest, KeepsAServersOwnErrorAsItIs) {
  const absl::Status theirs = MakeError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE",
                                        "failed to connect to Ollama");
  const absl::Status error = ToCallError(ToGrpcStatus(theirs), kFacts);
  EXPECT_EQ(error, theirs);
  EXPECT_EQ(ExitCodeFor(error), kExitFailed);
  EXPECT_TRUE(ToCallError(grpc::Status::OK, kFacts).ok());
}

TEST(CallErrorTest, TellsServersDeadlinesFilesAndArgumentsApart) {
  const auto code_of = [](absl::StatusCode code, std::string_view reason) {
    return ExitCodeFor(MakeError(code, reason, "x"));
  };
  EXPECT_EQ(code_of(absl::StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT"), kExitDeadline);
  EXPECT_EQ(code_of(absl::StatusCode::kNotFound, "FILE_NOT_FOUND"), kExitFile);
  EXPECT_EQ(code_of(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID"), kExitUsage);
  EXPECT_EQ(code_of(absl::StatusCode::kUnavailable, "NOT_SERVING"), kExitNotServing);
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), kExitOk);
}

}  // namespace
}  // namespace tessera::cli
