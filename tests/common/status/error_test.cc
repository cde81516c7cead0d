// SPDX-License-Identifier: Apache-2.0
#include "common/status/error.h"

#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/cord.h"

namespace tessera {
namespace {

using absl::StatusCode;

template <typename Detail>
Detail DetailOf(const absl::Status& status, const std::string& name) {
  Detail detail;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc." + name);
  EXPECT_TRUE(payload.has_value()) << name;
  if (payload) {
    EXPECT_TRUE(detail.ParseFromString(std::string(*payload))) << name;
  }
  return detail;
}

TEST(ErrorTest, CarriesCodeMessageReasonAndDomain) {
  const absl::Status error = MakeError(StatusCode::kNotFound, "MODEL_NOT_FOUND", "no such model");
  EXPECT_EQ(error.code(), StatusCode::kNotFound);
  EXPECT_EQ(error.message(), "no such model");
  const auto info = DetailOf<google::rpc::ErrorInfo>(error, "ErrorInfo");
  EXPECT_EQ(info.reason(), "MODEL_NOT_FOUND");
  EXPECT_EQ(info.domain(), "tessera");
  EXPECT_EQ(ReasonOf(error), "MODEL_NOT_FOUND");
}

TEST(ErrorTest, HasRetryInfoOnlyWhenWaitingHelps) {
  const absl::Status busy = MakeError(StatusCode::kResourceExhausted, "QUEUE_FULL", "full",
                                      {.retry_after = absl::Milliseconds(1'250)});
  EXPECT_EQ(RetryAfterOf(busy), absl::Milliseconds(1'250));
  const auto retry = DetailOf<google::rpc::RetryInfo>(busy, "RetryInfo");
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
  EXPECT_EQ(RetryAfterOf(MakeError(StatusCode::kInternal, "BROKEN", "broken")), std::nullopt);
}

TEST(ErrorTest, NamesTheFieldAtFaultInMessageMetadataAndBadRequest) {
  const absl::Status error = InvalidField("messages[3].text", "is too long");
  EXPECT_EQ(error.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(error), "FIELD_INVALID");
  EXPECT_EQ(error.message(), "messages[3].text is too long");
  EXPECT_EQ(MetadataOf(error, "field"), "messages[3].text");
  const auto bad_request = DetailOf<google::rpc::BadRequest>(error, "BadRequest");
  ASSERT_EQ(bad_request.field_violations_size(), 1);
  EXPECT_EQ(bad_request.field_violations(0).field(), "messages[3].text");
  EXPECT_EQ(bad_request.field_violations(0).description(), "is too long");
}

TEST(ErrorTest, AddsMetadataToWhatIsThere) {
  absl::Status error =
      MakeError(StatusCode::kInternal, "BROKEN", "broken", {.metadata = {{"part", "lid"}}});
  error = WithMetadata(error, "requestId", "r-1");
  EXPECT_EQ(MetadataOf(error, "part"), "lid");
  EXPECT_EQ(MetadataOf(error, "requestId"), "r-1");
  EXPECT_EQ(MetadataOf(error, "absent"), "");
  EXPECT_EQ(ReasonOf(error), "BROKEN");
}

TEST(ErrorTest, LeavesOkAndForeignErrorsAsTheyAre) {
  EXPECT_EQ(WithMetadata(absl::OkStatus(), "requestId", "r-1"), absl::OkStatus());
  const absl::Status foreign = absl::InternalError("not ours");
  EXPECT_EQ(WithMetadata(foreign, "requestId", "r-1"), foreign);
  EXPECT_EQ(ReasonOf(absl::OkStatus()), "");
  EXPECT_EQ(ReasonOf(foreign), "");
  EXPECT_EQ(RetryAfterOf(foreign), std::nullopt);
}

TEST(ErrorTest, SurvivesTextsThatAreNotUtf8) {
  const std::string bad =
      "a\xFF"
      "b";
  absl::Status error = MakeError(StatusCode::kInternal, "ENGINE_FAILED", bad,
                                 {.metadata = {{"engineMessage", bad}}, .fields = {{bad, bad}}});
  error = WithMetadata(error, "more", bad);
  EXPECT_EQ(ReasonOf(error), "ENGINE_FAILED");
  EXPECT_EQ(error.message(), "a\uFFFDb");
  EXPECT_EQ(MetadataOf(error, "engineMessage"), "a\uFFFDb");
  EXPECT_EQ(MetadataOf(error, "more"), "a\uFFFDb");
  const auto bad_request = DetailOf<google::rpc::BadRequest>(error, "BadRequest");
  EXPECT_EQ(bad_request.field_violations(0).field(), "a\uFFFDb");
}

TEST(ErrorTest, BoundsTextsThatACallerChose) {
  const std::string endless(1 << 20, 'x');
  const absl::Status error =
      MakeError(StatusCode::kInvalidArgument, "FIELD_INVALID", endless,
                {.metadata = {{"value", endless}}, .fields = {{endless, endless}}});
  EXPECT_EQ(error.message().size(), 1024 + 3);
  EXPECT_EQ(MetadataOf(error, "value").size(), 320 + 3);
  EXPECT_LT(DetailOf<google::rpc::BadRequest>(error, "BadRequest").ByteSizeLong(), 700);
}

}  // namespace
}  // namespace tessera
