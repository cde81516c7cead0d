// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/grpc_status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/cord.h"
#include "common/status/error.h"
#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

using absl::StatusCode;

google::rpc::Status Details(const grpc::Status& status) {
  google::rpc::Status rich;
  EXPECT_TRUE(rich.ParseFromString(status.error_details()));
  return rich;
}

int ErrorInfos(const grpc::Status& status) {
  int count = 0;
  const google::rpc::Status rich = Details(status);
  for (const auto& detail : rich.details()) {
    if (detail.Is<google::rpc::ErrorInfo>()) ++count;
  }
  return count;
}

// What the two forms of the status take on the wire.
size_t WireBytes(const grpc::Status& status) {
  size_t bytes = (status.error_details().size() + 2) / 3 * 4;
  for (const char c : status.error_message()) bytes += c >= ' ' && c <= '~' && c != '%' ? 1 : 3;
  return bytes;
}

TEST(GrpcStatusTest, OkStaysOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpcStatus(grpc::Status::OK).ok());
}

TEST(GrpcStatusTest, EverythingOfAnErrorComesBack) {
  const absl::Status error =
      MakeError(StatusCode::kResourceExhausted, "QUEUE_FULL", "12 of 12 places are taken",
                {.metadata = {{"limit", "12"}, {"inFlight", "12"}},
                 .retry_after = absl::Milliseconds(1500),
                 .fields = {{"messages", "are many"}}});
  const grpc::Status wire = ToGrpcStatus(error);
  EXPECT_EQ(wire.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(wire.error_message(), "12 of 12 places are taken");
  EXPECT_EQ(Details(wire).code(), 8);
  EXPECT_EQ(Details(wire).message(), "12 of 12 places are taken");
  const absl::Status back = FromGrpcStatus(wire);
  EXPECT_THAT(back, testing::IsError(StatusCode::kResourceExhausted, "QUEUE_FULL"));
  EXPECT_EQ(back.message(), error.message());
  EXPECT_EQ(MetadataOf(back, "limit"), "12");
  EXPECT_EQ(MetadataOf(back, "inFlight"), "12");
  EXPECT_EQ(RetryAfterOf(back), absl::Milliseconds(1500));
  constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";
  EXPECT_EQ(back.GetPayload(kBadRequest), error.GetPayload(kBadRequest));
}

TEST(GrpcStatusTest, EveryCodeKeepsItsNumber) {
  for (int code = 1; code <= 16; ++code) {
    const absl::Status error = MakeError(static_cast<StatusCode>(code), "SOME_REASON", "m");
    const grpc::Status wire = ToGrpcStatus(error);
    EXPECT_EQ(static_cast<int>(wire.error_code()), code);
    EXPECT_EQ(ErrorInfos(wire), 1);
    EXPECT_EQ(FromGrpcStatus(wire), error);
  }
}

TEST(GrpcStatusTest, AForeignErrorGetsItsCodesNameAsReason) {
  const grpc::Status wire = ToGrpcStatus(absl::DataLossError("bits are gone"));
  EXPECT_EQ(ErrorInfos(wire), 1);
  EXPECT_THAT(FromGrpcStatus(wire), testing::IsError(StatusCode::kDataLoss, "DATA_LOSS"));
}

TEST(GrpcStatusTest, ABrokenErrorInfoIsReplacedNotDoubled) {
  absl::Status broken = absl::InternalError("m");
  broken.SetPayload("type.googleapis.com/google.rpc.ErrorInfo", absl::Cord("\xFF\xFF"));
  const grpc::Status wire = ToGrpcStatus(broken);
  EXPECT_EQ(ErrorInfos(wire), 1);
  EXPECT_THAT(FromGrpcStatus(wire), testing::IsError(StatusCode::kInternal, "INTERNAL"));
}

TEST(GrpcStatusTest, PayloadsThatAreNoDetailsStayHere) {
  absl::Status error = MakeError(StatusCode::kInternal, "BROKEN", "m");
  error.SetPayload("internal note", absl::Cord("secret"));
  EXPECT_EQ(Details(ToGrpcStatus(error)).details_size(), 1);
}

TEST(GrpcStatusTest, AMessageThatIsNotUtf8DoesNotCostTheDetails) {
  const grpc::Status wire = ToGrpcStatus(absl::InternalError("bad \xFF byte"));
  EXPECT_EQ(Details(wire).message(), "bad \uFFFD byte");
  EXPECT_THAT(FromGrpcStatus(wire), testing::IsError(StatusCode::kInternal, "INTERNAL"));
}

TEST(GrpcStatusTest, ATooLongMessageIsCutBetweenCharacters) {
  std::string long_text = "x";
  for (int i = 0; i < 5000; ++i) long_text += "ß";
  const grpc::Status wire = ToGrpcStatus(absl::InternalError(long_text));
  EXPECT_LT(WireBytes(wire), 7001);
  EXPECT_EQ(wire.error_message().substr(wire.error_message().size() - 5), "ß...");
  EXPECT_EQ(wire.error_message(), Details(wire).message());
}

TEST(GrpcStatusTest, NothingThatACallerChoosesMakesItTooLongForTheWire) {
  std::string wide;
  for (int i = 0; i < 2000; ++i) wide += "界";
  ErrorContext context{.retry_after = absl::Seconds(2), .fields = {{wide, wide}, {wide, wide}}};
  for (int i = 0; i < 30; ++i) context.metadata.emplace_back("key" + std::to_string(i), wide);
  const absl::Status error =
      MakeError(StatusCode::kInvalidArgument, "FIELD_INVALID", wide, std::move(context));
  const grpc::Status wire = ToGrpcStatus(error);
  EXPECT_LT(WireBytes(wire), 7001);
  EXPECT_EQ(ErrorInfos(wire), 1);
  const absl::Status back = FromGrpcStatus(wire);
  EXPECT_THAT(back, testing::IsError(StatusCode::kInvalidArgument, "FIELD_INVALID"));
  EXPECT_EQ(RetryAfterOf(back), absl::Seconds(2));
}

TEST(GrpcStatusTest, DetailsThatAreNoneAreDropped) {
  const absl::Status error =
      FromGrpcStatus(grpc::Status(grpc::StatusCode::UNAVAILABLE, "m", "\xFF garbage"));
  EXPECT_EQ(error.code(), StatusCode::kUnavailable);
  EXPECT_EQ(error.message(), "m");
  EXPECT_EQ(ReasonOf(error), "");
}

}  // namespace
}  // namespace tessera
