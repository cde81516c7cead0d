// SPDX-License-Identifier: Apache-2.0
#include "cli/timing_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rpc/proto_time.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

inference::v1::Completion SomeCompletion() {
  inference::v1::Completion completion;
  completion.mutable_usage()->set_prompt_tokens(312);
  completion.mutable_usage()->set_output_tokens(11);
  auto& timings = *completion.mutable_timings();
  *timings.mutable_engine_prefill() = ToProto(absl::Milliseconds(200));
  *timings.mutable_engine_decode() = ToProto(absl::Milliseconds(100));
  *timings.mutable_preprocess() = ToProto(absl::Milliseconds(46));
  return completion;
}

TEST(TimingReportTest, CountsTokensPerSecondByEachClock) {
  const auto completion = SomeCompletion();
  EXPECT_DOUBLE_EQ(*EngineTokensPerSecond(completion), 110);
  // Ten more tokens after the first, in 200 ms.
  const ClientTimes stream{.first_text = absl::Milliseconds(300),
                           .last_text = absl::Milliseconds(500),
                           .total = absl::Milliseconds(600)};
  EXPECT_DOUBLE_EQ(*ClientTokensPerSecond(stream, completion), 50);
  const ClientTimes whole{.total = absl::Milliseconds(550)};
  EXPECT_DOUBLE_EQ(*ClientTokensPerSecond(whole, completion), 20);
}

TEST(TimingReportTest, InventsNoSpeedWhereThereIsNone) {
  inference::v1::Completion nothing;
  EXPECT_EQ(EngineTokensPerSecond(nothing), std::nullopt);
  EXPECT_EQ(ClientTokensPerSecond({.total = absl::Seconds(1)}, nothing), std::nullopt);
  inference::v1::Completion one = SomeCompletion();
  one.mutable_usage()->set_output_tokens(1);
  EXPECT_EQ(
      ClientTokensPerSecond({.first_text = absl::Seconds(1), .last_text = absl::Seconds(1)}, one),
      std::nullopt);
}

TEST(TimingReportTest, NamesEveryClock) {
  const auto completion = SomeCompletion();
  inference::v1::ImageSummary image;
  image.set_width_px(768);
  image.set_height_px(576);
  auto& stage = *image.add_stage_times();
  stage.set_stage("decode");
  *stage.mutable_duration() = ToProto(absl::Milliseconds(20));
  const CallReport report{.client = {.connect = absl::Milliseconds(1), .total = absl::Seconds(1)},
                          .completion = completion,
                          .images = {&image},
                          .picture_names = {"photo\x1b.jpg"}};
  const std::string table = TimingTable(report, Pen());
  EXPECT_THAT(table, HasSubstr("engine prefill          200.0 ms  engine's counter"));
  EXPECT_THAT(table, HasSubstr("around the model        700.0 ms"));
  EXPECT_THAT(table, HasSubstr("engine's counter  110.0 tokens/s"));
  EXPECT_THAT(table, HasSubstr("client's clock     11.0 tokens/s"));
  EXPECT_THAT(table, HasSubstr("photo\\x1b.jpg"));
  EXPECT_THAT(table, HasSubstr("decode 20.0 ms"));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

TEST(TimingReportTest, GivesTheClientsPartAsNumbers) {
  const auto document = ClientDocument(
      {.connect = absl::Milliseconds(2), .total = absl::Milliseconds(550)}, SomeCompletion());
  EXPECT_EQ(document["connectSeconds"], 0.002);
  EXPECT_EQ(document["totalSeconds"], 0.55);
  EXPECT_EQ(document["tokensPerSecond"], 20.0);
  EXPECT_EQ(document["engineTokensPerSecond"], 110.0);
  EXPECT_FALSE(document.contains("firstTextSeconds"));
}

}  // namespace
}  // namespace tessera::cli
