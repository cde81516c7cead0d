// SPDX-License-Identifier: Apache-2.0
#include "common/tracing/tracing.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/recording_span_sink.h"

namespace tessera {
namespace {

const TraceContext kRemote{.trace_id_high = 1, .trace_id_low = 2, .span_id = 3, .sampled = true};

class TracingTest : public ::testing::Test {
 protected:
  ~TracingTest() override { StopTracing(absl::ZeroDuration()); }
  const std::shared_ptr<testing::RecordingSpanSink> sink_ =
      std::make_shared<testing::RecordingSpanSink>();
};

TEST_F(TracingTest, PassesContextsOnWhileOff) {
  EXPECT_EQ(EnterTrace(kRemote), kRemote);
  EXPECT_FALSE(EnterTrace(std::nullopt).valid());
  EXPECT_EQ(ChildOf(kRemote), kRemote);
  RecordSpan({.context = kRemote, .name = "lost"});
}

TEST_F(TracingTest, ContinuesTheCallersTrace) {
  StartTracing(sink_, 0);
  const TraceContext entered = EnterTrace(kRemote);
  EXPECT_EQ(entered.TraceId(), kRemote.TraceId());
  EXPECT_NE(entered.span_id, kRemote.span_id);
  EXPECT_TRUE(entered.sampled);
}

TEST_F(TracingTest, BeginsTracesInTheGivenShare) {
  StartTracing(sink_, 0.5);
  int sampled = 0;
  for (int i = 0; i < 2000; ++i) {
    const TraceContext begun = EnterTrace(std::nullopt);
    ASSERT_TRUE(begun.valid());
    sampled += begun.sampled ? 1 : 0;
  }
  EXPECT_GT(sampled, 800);
  EXPECT_LT(sampled, 1200);
}

TEST_F(TracingTest, RecordsOnlySampledTraces) {
  StartTracing(sink_, 1);
  TraceContext quiet = kRemote;
  quiet.sampled = false;
  RecordSpan({.context = quiet, .name = "quiet"});
  RecordSpan({.context = ChildOf(kRemote), .parent_span_id = kRemote.span_id, .name = "told"});
  ASSERT_EQ(sink_->spans().size(), 1u);
  EXPECT_EQ(sink_->spans()[0].name, "told");
  EXPECT_EQ(sink_->spans()[0].parent_span_id, kRemote.span_id);
  EXPECT_EQ(TracingCounts().recorded, 1);
}

}  // namespace
}  // namespace tessera
