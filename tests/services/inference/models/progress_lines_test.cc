// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/progress_lines.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/rpc/proto_time.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using ::tessera::testing::IsError;

const absl::Time kStart = absl::FromUnixSeconds(1'000'000);

std::string Download(int percent, const std::string& digest = "sha256:11") {
  return fmt::format(R"({{"status":"pulling 11","digest":"{}","total":1000000,"completed":{}}})",
                     digest, percent * 10'000);
}

TEST(ProgressLinesTest, RelaysStatusAndBytes) {
  ProgressLines lines;
  const auto first = lines.Read(R"({"status":"pulling manifest"})", kStart);
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ((*first)->status(), "pulling manifest");
  const auto second = lines.Read(Download(40), kStart);
  ASSERT_TRUE(second.ok() && second->has_value());
  EXPECT_EQ((*second)->completed_bytes(), 400'000);
  EXPECT_EQ((*second)->total_bytes(), 1'000'000);
  EXPECT_EQ((*second)->digest(), "sha256:11");
  EXPECT_FALSE(lines.succeeded());
}

TEST(ProgressLinesTest, ComputesRateAndTimeLeft) {
  ProgressLines lines;
  absl::StatusOr<std::optional<model::v1::ModelProgress>> last;
  for (int i = 0; i <= 10; ++i) {
    last = lines.Read(Download(50 + i), kStart + i * absl::Milliseconds(100));
  }
  ASSERT_TRUE(last.ok() && last->has_value());
  EXPECT_NEAR((*last)->bytes_per_second(), 100'000, 1);
  EXPECT_NEAR(ToSeconds((*last)->time_left()), 4.0, 0.01);
}

TEST(ProgressLinesTest, TellsAboutTenLinesASecondAndNeverLosesTheLast) {
  ProgressLines lines;
  int told = 0;
  for (int i = 0; i <= 100; ++i) {
    const auto progress = lines.Read(Download(i), kStart + i * absl::Milliseconds(10));
    ASSERT_TRUE(progress.ok());
    told += progress->has_value() ? 1 : 0;
    if (i == 100) {
      EXPECT_TRUE(progress->has_value()) << "the end of a file";
    }
  }
  EXPECT_GE(told, 10);
  EXPECT_LE(told, 12);
}

TEST(ProgressLinesTest, KnowsSuccess) {
  ProgressLines lines;
  ASSERT_TRUE(lines.Read(R"({"status":"success"})", kStart).ok());
  EXPECT_TRUE(lines.succeeded());
}

TEST(ProgressLinesTest, AnErrorLineIsAnError) {
  ProgressLines lines;
  EXPECT_THAT(lines.Read(R"({"error":"pull model manifest: file does not exist"})", kStart),
              IsError(absl::StatusCode::kNotFound, "MODEL_NOT_IN_REGISTRY"));
  EXPECT_THAT(lines.Read("<html>", kStart),
              IsError(absl::StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
}

}  // namespace
}  // namespace tessera::inference
