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

TEST(CallErrorsTest, AFailedCallCarriesItsId) {
  const absl::Status error = FailedCall(MalformedStreamError("no start"), "r-1");
  EXPECT_THAT(error, IsError(StatusCode::kInvalidArgument, "REQUEST_MALFORMED"));
  EXPECT_EQ(MetadataOf(error, "requestId"), "r-1");
}

TEST(CallErrorsTest, KeepsTheIdThatTheNextServiceGave) {
  const absl::Status error =
      FailedCall(WithMetadata(ReplyTooLargeError(1), "requestId", "theirs"), "ours");
  EXPECT_EQ(MetadataOf(error, "requestId"), "theirs");
}

}  // namespace
}  // namespace tessera
