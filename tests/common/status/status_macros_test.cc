// SPDX-License-Identifier: Apache-2.0
#include "common/status/status_macros.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace tessera {
namespace {

absl::StatusOr<int> Half(int number) {
  if (number % 2 != 0) return absl::InvalidArgumentError("odd");
  return number / 2;
}

absl::StatusOr<int> Quarter(int number) {
  TESSERA_ASSIGN_OR_RETURN(const int half, Half(number));
  TESSERA_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

absl::Status CheckTwice(const absl::Status& first, const absl::Status& second, int& passed) {
  TESSERA_RETURN_IF_ERROR(first);
  ++passed;
  TESSERA_RETURN_IF_ERROR(second);
  ++passed;
  return absl::OkStatus();
}

TEST(StatusMacrosTest, AssignsOrReturnsTheFirstError) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).status().message(), "odd");
  EXPECT_EQ(Quarter(3).status().message(), "odd");
}

TEST(StatusMacrosTest, MovesWhatCannotBeCopied) {
  const auto make = []() -> absl::StatusOr<std::unique_ptr<int>> {
    return std::make_unique<int>(7);
  };
  const auto use = [&]() -> absl::StatusOr<int> {
    TESSERA_ASSIGN_OR_RETURN(std::unique_ptr<int> number, make());
    return *number;
  };
  EXPECT_EQ(*use(), 7);
}

TEST(StatusMacrosTest, ReturnsAtTheFirstError) {
  int passed = 0;
  EXPECT_TRUE(CheckTwice(absl::OkStatus(), absl::OkStatus(), passed).ok());
  EXPECT_EQ(passed, 2);
  EXPECT_TRUE(absl::IsInternal(CheckTwice(absl::OkStatus(), absl::InternalError("x"), passed)));
  EXPECT_EQ(passed, 3);
  EXPECT_TRUE(absl::IsInternal(CheckTwice(absl::InternalError("x"), absl::OkStatus(), passed)));
  EXPECT_EQ(passed, 3);
}

}  // namespace
}  // namespace tessera
