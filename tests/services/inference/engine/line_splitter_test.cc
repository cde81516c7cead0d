// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/line_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsError;
using testing::IsOk;
using Lines = std::vector<std::string>;

constexpr size_t kLimit = 64;

// What comes out when `pieces` go in, the end included.
Lines Split(const std::vector<std::string>& pieces, absl::Status* status = nullptr) {
  Lines lines;
  const auto keep = [&](std::string_view line) {
    lines.emplace_back(line);
    return absl::OkStatus();
  };
  LineSplitter splitter(kLimit);
  absl::Status result;
  for (const std::string& piece : pieces) {
    result = splitter.Feed(piece, keep);
    if (!result.ok()) break;
  }
  if (result.ok()) result = splitter.Finish(keep);
  if (status != nullptr) {
    *status = result;
  } else {
    EXPECT_THAT(result, IsOk());
  }
  return lines;
}

TEST(LineSplitterTest, FindsTheSameLinesHoweverTheyAreCut) {
  const std::string text = "{\"a\":\"\\u00e9\"}\n\n世界\r\n\r\nlast";
  const Lines expected = {"{\"a\":\"\\u00e9\"}", "世界", "last"};
  EXPECT_EQ(Split({text}), expected);
  for (size_t first = 0; first <= text.size(); ++first) {
    for (size_t second = first; second <= text.size(); ++second) {
      EXPECT_EQ(
          Split({text.substr(0, first), text.substr(first, second - first), text.substr(second)}),
          expected)
          << first << " " << second;
    }
  }
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  EXPECT_EQ(Split(bytes), expected);
}

TEST(LineSplitterTest, FindsManyLinesInOnePiece) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + "\n";
  const Lines lines = Split({text});
  ASSERT_EQ(lines.size(), 1000);
  EXPECT_EQ(lines[999], "999");
}

TEST(LineSplitterTest, MakesNothingOfNothing) {
  EXPECT_EQ(Split({}), Lines());
  EXPECT_EQ(Split({"", ""}), Lines());
  EXPECT_EQ(Split({"\n\n\r\n"}), Lines());
}

TEST(LineSplitterTest, TakesALineAtTheLimitAndNoByteMore) {
  const std::string longest(kLimit, 'x');
  EXPECT_EQ(Split({longest + "\n"}), Lines({longest}));
  for (const auto& pieces :
       std::vector<Lines>{{longest + "x\n"}, {longest, "x"}, {longest.substr(1), "xx", "\n"}}) {
    absl::Status status;
    EXPECT_EQ(Split(pieces, &status), Lines());
    EXPECT_THAT(status, IsError(absl::StatusCode::kResourceExhausted, "REPLY_TOO_LARGE"));
    EXPECT_EQ(MetadataOf(status, "limitBytes"), "64");
  }
}

TEST(LineSplitterTest, StopsAtAnEndlessLineBeforeItIsKept) {
  absl::Status status;
  EXPECT_EQ(Split({"first\n" + std::string(1 << 20, 'x')}, &status), Lines({"first"}));
  EXPECT_THAT(status, IsError(absl::StatusCode::kResourceExhausted, "REPLY_TOO_LARGE"));
}

TEST(LineSplitterTest, StopsAtTheFirstErrorOfTheReceiver) {
  int seen = 0;
  LineSplitter splitter(kLimit);
  const absl::Status status = splitter.Feed("one\ntwo\nthree\n", [&](std::string_view line) {
    ++seen;
    return line == "two" ? absl::CancelledError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(seen, 2);
}

}  // namespace
}  // namespace tessera::inference
