// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/safe_text.h"

#include <gtest/gtest.h>

#include "cli/terminal/utf8.h"

namespace tessera::cli {
namespace {

TEST(SafeTextTest, LeavesWordsInAnyLanguageAlone) {
  const std::string text = "Grüße, 世界, нет, 🙂\n\tindented";
  EXPECT_EQ(SafeParagraph(text), text);
}

TEST(SafeTextTest, ShowsEscapeSequencesInsteadOfObeyingThem) {
  EXPECT_EQ(SafeParagraph("\x1b[2J\x1b]0;title\x07"), "\\x1b[2J\\x1b]0;title\\x07");
  EXPECT_EQ(SafeParagraph("a\x08\x7f"
                          "b"),
            "a\\x08\\x7fb");
  EXPECT_EQ(SafeParagraph(std::string("a\0b", 3)), "a\\x00b");
}

TEST(SafeTextTest, EscapesTheControlsAbove128InBothForms) {
  EXPECT_EQ(SafeParagraph("\xC2\x9B"
                          "31m"),
            "\\u009b31m");
  EXPECT_EQ(SafeParagraph("\x9B"
                          "31m"),
            "\\x9b31m");
}

TEST(SafeTextTest, EscapesWhatReordersText) {
  EXPECT_EQ(SafeParagraph("\u202Egpj.exe\u2066\u2069\u200F"),
            "\\u202egpj.exe\\u2066\\u2069\\u200f");
  EXPECT_EQ(SafeParagraph("line\u2028separator"), "line\\u2028separator");
}

TEST(SafeTextTest, ShowsALoneCarriageReturnButNotTheOneOfALineEnd) {
  EXPECT_EQ(SafeParagraph("one\r\ntwo\rthree\r"), "one\ntwo\\rthree\\r");
}

TEST(SafeTextTest, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(SafeParagraph("\xff\xfe"), "\\xff\\xfe");
  EXPECT_EQ(SafeParagraph("\xC0\xAF"), "\\xc0\\xaf");                    // Overlong.
  EXPECT_EQ(SafeParagraph("\xED\xA0\x80"), "\\xed\\xa0\\x80");           // Surrogate.
  EXPECT_EQ(SafeParagraph("\xF4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // Above U+10FFFF.
}

TEST(SafeTextTest, GivesTheSameTextHoweverItIsCut) {
  const std::string text = "aß\x1b[1m世\r\n🙂\xff\r\u202E end\xE4\xB8";
  const std::string whole = SafeParagraph(text);
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      SafeText safe;
      std::string pieces = safe.Escape(std::string_view(text).substr(0, first));
      pieces += safe.Escape(std::string_view(text).substr(first, second - first));
      pieces += safe.Escape(std::string_view(text).substr(second));
      pieces += safe.Finish();
      ASSERT_EQ(pieces, whole) << "cut at " << first << " and " << second;
    }
  }
}

TEST(SafeTextTest, KeepsAWordOnItsLine) {
  EXPECT_EQ(SafeWord("two\nlines\tand a tab\r"), "two\\nlines\\tand a tab\\r");
}

TEST(Utf8Test, TellsIncompleteFromInvalid) {
  EXPECT_EQ(FirstUtf8("\xE4\xB8").kind, Utf8Step::Kind::kIncomplete);
  EXPECT_EQ(FirstUtf8("\xE4"
                      "a")
                .kind,
            Utf8Step::Kind::kInvalid);
  EXPECT_EQ(FirstUtf8("世").character, U'世');
  EXPECT_TRUE(IsValidUtf8("世界"));
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_FALSE(IsValidUtf8("\xE4\xB8"));
}

}  // namespace
}  // namespace tessera::cli
