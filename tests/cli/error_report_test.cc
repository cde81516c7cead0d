// SPDX-License-Identifier: Apache-2.0
#include "cli/error_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const FailedAction kAction{.what = "classify photo.jpg", .request_id = "0123abcd"};

TEST(ErrorReportTest, SaysWhatFailedWhyAndWhatToDo) {
  const absl::Status error =
      MakeError(absl::StatusCode::kResourceExhausted, "QUEUE_FULL", "64 pictures wait already",
                {.metadata = {{"limit", "64"}}, .retry_after = absl::Milliseconds(1500)});
  EXPECT_EQ(ErrorBlock(error, kAction, Pen(), /*with_metadata=*/false),
            "error: classify photo.jpg failed\n"
            "  code     RESOURCE_EXHAUSTED\n"
            "  reason   QUEUE_FULL\n"
            "  message  64 pictures wait already\n"
            "  advice   Try again in a moment.\n"
            "  retry    in 1.50 s\n"
            "  request  0123abcd\n");
  EXPECT_THAT(ErrorBlock(error, kAction, Pen(), /*with_metadata=*/true),
              HasSubstr("  detail   limit = 64\n"));
}

TEST(ErrorReportTest, NamesTheFieldsThatTheMessageDoesNot) {
  const absl::Status error =
      MakeError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID", "labels[3] and one more",
                {.fields = {{"labels[3]", "is empty"}, {"text", "is too long"}}});
  const std::string block = ErrorBlock(error, kAction, Pen(), false);
  EXPECT_THAT(block, HasSubstr("  field    text: is too long\n"));
  EXPECT_THAT(block, Not(HasSubstr("  field    labels[3]")));
}

TEST(ErrorReportTest, DoesNotObeyWhatAServerSays) {
  const absl::Status error =
      MakeError(absl::StatusCode::kInternal, "ENGINE_FAILED", "\x1b[2Jall is well\nerror: none");
  const std::string block = ErrorBlock(error, {.what = "read \x1b[1m"}, Pen(), true);
  EXPECT_THAT(block, Not(HasSubstr("\x1b")));
  EXPECT_THAT(block, HasSubstr("\\x1b[2Jall is well\\nerror: none\n"));
}

TEST(ErrorReportTest, UsesColorsOnlyWhereThereAre) {
  const absl::Status error = MakeError(absl::StatusCode::kInternal, "ENGINE_FAILED", "broken");
  EXPECT_THAT(ErrorBlock(error, kAction, Pen(false), true), Not(HasSubstr("\x1b")));
  EXPECT_THAT(ErrorBlock(error, kAction, Pen(true), true), HasSubstr("\x1b[1;31merror:\x1b[0m"));
}

TEST(ErrorReportTest, MakesADocumentWithEverythingInIt) {
  const absl::Status error =
      MakeError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID", "labels[0] is empty",
                {.metadata = {{"field", "labels[0]"}},
                 .retry_after = absl::Seconds(2),
                 .fields = {{"labels[0]", "is empty"}}});
  const auto body = ErrorDocument(error, kAction)["error"];
  EXPECT_EQ(body["what"], "classify photo.jpg");
  EXPECT_EQ(body["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(body["reason"], "FIELD_INVALID");
  EXPECT_EQ(body["message"], "labels[0] is empty");
  EXPECT_EQ(body["exitCode"], 1);
  EXPECT_EQ(body["requestId"], "0123abcd");
  EXPECT_EQ(body["retryAfterSeconds"], 2.0);
  EXPECT_EQ(body["fieldViolations"][0]["field"], "labels[0]");
  EXPECT_EQ(body["metadata"]["field"], "labels[0]");
}

}  // namespace
}  // namespace tessera::cli
