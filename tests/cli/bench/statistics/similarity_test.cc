// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/statistics/similarity.h"

#include <gtest/gtest.h>

#include <string>

namespace tessera::bench {
namespace {

TEST(SimilarityTest, CountsChangedWords) {
  EXPECT_DOUBLE_EQ(WordSimilarity("a b c d", "a  b\nc d"), 1);
  EXPECT_DOUBLE_EQ(WordSimilarity("a b c d", "a x c d"), 0.75);
  EXPECT_DOUBLE_EQ(WordSimilarity("a b c d", "b c d"), 0.75);
  EXPECT_DOUBLE_EQ(WordSimilarity("a", ""), 0);
  EXPECT_DOUBLE_EQ(WordSimilarity("", " "), 1);
}

TEST(SimilarityTest, StaysBoundedOnLongTexts) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "word ";
  EXPECT_DOUBLE_EQ(WordSimilarity(text, text), 1);
}

TEST(SimilarityTest, ComparesFieldsByTheirPaths) {
  EXPECT_DOUBLE_EQ(JsonAgreement(R"({"a":1,"b":[1,2]})", R"({"b":[1,2],"a":1})"), 1);
  EXPECT_NEAR(JsonAgreement(R"({"a":1,"b":[1,2]})", R"({"b":[1,3],"a":1})"), 2.0 / 3, 1e-12);
  EXPECT_DOUBLE_EQ(JsonAgreement(R"({"a":1})", R"({"b":1})"), 0);
  EXPECT_DOUBLE_EQ(JsonAgreement("no json", "{}"), 0);
}

}  // namespace
}  // namespace tessera::bench
