// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/call_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using testing::IsError;

TEST(CallErrorsTest, TellsACancelledCallFromOneThatRanOutOfTime) {
  EXPECT_THAT(AbandonedError(absl::Now() + absl::Minutes(1)),
              IsError(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_THAT(AbandonedError(absl::InfiniteFuture()), IsError(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_THAT(AbandonedError(absl::Now()),
              IsError(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED"));
}

TEST(CallErrorsTest, SaysWhichLimitAReplyHit) {
  const absl::Status error = ReplyTooLargeError(1234);
  EXPECT_THAT(error, IsError(StatusCode::kResourceExhausted, "REPLY_TOO_LARGE"));
  EXPECT_EQ(MetadataOf(error, "limitBytes"), "1234");
}

TEST(CallErrorsTest, AFailedCallCarriesItsIdAndIsLoggedOnce) {
  ::testing::internal::CaptureStderr();
  InitLogging({.service = "test"});
  const absl::Status error = FailedCall(MalformedStreamError("no start"), "StreamGenerate", "r-1");
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(error, IsError(StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_EQ(MetadataOf(error, "requestId"), "r-1");
  for (const char* text : {R"("level":"info")", R"("method":"StreamGenerate")",
                           R"("request_id":"r-1")", R"("reason":"REQUEST_MALFORMED")",
                           R"("code":"INVALID_ARGUMENT")", R"("error":"no start")"}) {
    EXPECT_THAT(log, HasSubstr(text));
  }
}

TEST(CallErrorsTest, KeepsTheIdThatTheNextServiceGave) {
  ::testing::internal::CaptureStderr();
  InitLogging({.service = "test"});
  const absl::Status error =
      FailedCall(WithMetadata(ReplyTooLargeError(1), "requestId", "theirs"), "Generate", "ours");
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr(R"("request_id":"theirs")"));
  EXPECT_EQ(MetadataOf(error, "requestId"), "theirs");
}

}  // namespace
}  // namespace tessera
