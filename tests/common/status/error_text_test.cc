// SPDX-License-Identifier: Apache-2.0
#include "common/status/error_text.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace tessera {
namespace {

TEST(ErrorTextTest, LeavesGoodTextAlone) {
  for (const std::string text : {"", "plain", "Grüße, 世界, 😀", "line\nline\t\x01"}) {
    EXPECT_EQ(ErrorText(text, 100), text);
  }
}

TEST(ErrorTextTest, ReplacesEachBadByte) {
  const std::string replacement = "\uFFFD";
  const std::vector<std::pair<std::string, int>> rows = {
      {"\xFF", 1},              // Never valid.
      {"\x80", 1},              // Continuation without a beginning.
      {"\xC3", 1},              // Beginning without a continuation.
      {"\xE2\x82", 2},          // Cut after two of three.
      {"\xC0\xAF", 2},          // Overlong.
      {"\xE0\x80\xAF", 3},      // Overlong.
      {"\xED\xA0\x80", 3},      // A surrogate.
      {"\xF0\x80\x80\xAF", 4},  // Overlong.
      {"\xF4\x90\x80\x80", 4},  // Beyond U+10FFFF.
      {"\xF5\x80\x80\x80", 4},  // Beyond U+10FFFF.
  };
  for (const auto& [bytes, replaced] : rows) {
    std::string expected = "a";
    for (int i = 0; i < replaced; ++i) expected += replacement;
    EXPECT_EQ(ErrorText("a" + bytes + "z", 100), expected + "z");
    EXPECT_EQ(ErrorText("a" + bytes, 100), expected);
  }
}

TEST(ErrorTextTest, CutsBetweenCharacters) {
  EXPECT_EQ(ErrorText("abcd", 4), "abcd");
  EXPECT_EQ(ErrorText("abcde", 4), "abcd...");
  EXPECT_EQ(ErrorText("ab世界", 5), "ab世...");
  EXPECT_EQ(ErrorText("ab世界", 7), "ab世...");
  EXPECT_EQ(ErrorText("世", 2), "...");
}

TEST(ErrorTextTest, StaysWithinTheLimitWhenBadBytesGrow) {
  EXPECT_EQ(ErrorText(std::string(100, '\xFF'), 7), "\uFFFD\uFFFD...");
}

}  // namespace
}  // namespace tessera
