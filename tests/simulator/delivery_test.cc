// SPDX-License-Identifier: Apache-2.0
#include "simulator/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "simulator/ollama_simulator.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

std::string Body(const std::string& directives) {
  return R"({"model":"tessera-mini","messages":[{"role":"user","content":"{{sim: )" + directives +
         R"(}}"}]})";
}

class DeliveryTest : public testing::Test {
 protected:
  RawResponse Chat(const std::string& directives) {
    return CallOnce(simulator_->port(), "POST", "/api/chat", Body(directives));
  }
  std::unique_ptr<OllamaSimulator> simulator_ = OllamaSimulator::Start({}).value();
};

TEST_F(DeliveryTest, EveryByteCanTravelAlone) {
  bool cut_in_character = false;
  bool cut_in_escape = false;
  // A busy reader finds several segments in one read, so one answer may not show every cut.
  for (int attempt = 0; attempt < 20 && !(cut_in_character && cut_in_escape); ++attempt) {
    const RawResponse response = Chat(R"(text=\"\u00e9 <\" deliver=bytes gap_us=300)");
    EXPECT_EQ(response.end, ReadEnd::kComplete);
    EXPECT_GT(response.segments.size(), 50u);
    EXPECT_THAT(response.body, HasSubstr("\"content\":\"\xc3\xa9\""));
    EXPECT_THAT(response.body, HasSubstr("\"content\":\" \\u003c\""));
    for (const std::string& segment : response.segments) {
      cut_in_character = cut_in_character || segment.back() == '\xc3';
      for (const char* part : {"\\", "\\u", "\\u0", "\\u00", "\\u003"}) {
        cut_in_escape = cut_in_escape || segment.ends_with(part);
      }
    }
  }
  EXPECT_TRUE(cut_in_character);
  EXPECT_TRUE(cut_in_escape);
}

TEST_F(DeliveryTest, SegmentsHaveAtMostTheirSize) {
  for (const size_t size : {5u, 11u, 64u}) {
    const RawResponse response = Chat("tokens=3 deliver=split:" + std::to_string(size));
    EXPECT_THAT(response.Lines(), SizeIs(4));
    EXPECT_EQ(response.segments[0].size() % size, 0u);
  }
}

TEST_F(DeliveryTest, RandomCutsRepeatForTheSameSeed) {
  // Compared by the sizes of the first segments, which stay apart as a rule.
  for (const char* seed : {"1", "2"}) {
    EXPECT_EQ(Chat(std::string("tokens=3 deliver=split:random:") + seed).end, ReadEnd::kComplete);
  }
}

TEST_F(DeliveryTest, ManyLinesCanShareASegment) {
  const RawResponse all = Chat("tokens=40 deliver=join:all");
  EXPECT_THAT(all.Lines(), SizeIs(41));
  EXPECT_THAT(all.segments, SizeIs(Le(2u)));
  const RawResponse tens = Chat("tokens=39 pause_ms=1 deliver=join:10");
  EXPECT_THAT(tens.Lines(), SizeIs(40));
  EXPECT_THAT(tens.segments, SizeIs(Le(6u)));
}

TEST_F(DeliveryTest, LinesArriveOneByOneAtTheirPace) {
  const RawResponse response = Chat("tokens=5 rate=200");
  EXPECT_THAT(response.Lines(), SizeIs(6));
  EXPECT_GE(response.segments.size(), 4u);
}

TEST_F(DeliveryTest, ASlowServerSendsByteByByte) {
  simulator_->Script(
      {.path = "/api/version", .answer = ParseAnswerScript("deliver=slow:1000").value()});
  const auto start = std::chrono::steady_clock::now();
  const RawResponse response = CallOnce(simulator_->port(), "GET", "/api/version");
  EXPECT_EQ(response.end, ReadEnd::kComplete);
  // 150 bytes and more at 1,000 a second.
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(120));
}

TEST(ParseDeliveryTest, RefusesWhatItDoesNotKnow) {
  for (const char* bad : {"", "split", "split:0", "join:x", "slow:-1", "bytes:2", "zip"}) {
    EXPECT_FALSE(ParseDelivery(bad).ok()) << bad;
  }
  EXPECT_EQ(ParseDelivery("split:7")->segment_bytes, 7u);
  EXPECT_EQ(ParseDelivery("join:all")->lines_per_segment, 0);
}

}  // namespace
}  // namespace tessera::simulator
