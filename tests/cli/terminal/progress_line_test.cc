// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/progress_line.h"

#include <gtest/gtest.h>

#include "cli/terminal/utf8.h"

namespace tessera::cli {
namespace {

TEST(ProgressLineTest, SaysWhatIsAwaitedAndForHowLong) {
  EXPECT_EQ(ProgressText("waiting", absl::Milliseconds(3240), 1, 80), "/ waiting    3.2 s");
}

TEST(ProgressLineTest, NeverFillsTheLastColumn) {
  const std::string what(200, 'x');
  for (int columns = 12; columns < 120; ++columns) {
    const std::string line = ProgressText(what, absl::Seconds(1), 0, columns);
    EXPECT_LT(static_cast<int>(line.size()), std::max(columns, 13)) << columns;
  }
}

TEST(ProgressLineTest, CutsBetweenCharacters) {
  for (int columns = 20; columns < 60; ++columns) {
    const std::string line =
        ProgressText("ääääääääääääääääääääääääää", absl::Seconds(1), 0, columns);
    EXPECT_TRUE(IsValidUtf8(line)) << line;
  }
}

TEST(ProgressLineTest, EscapesFileNames) {
  EXPECT_EQ(ProgressText("\x1b[2J", absl::Seconds(1), 0, 80), "| \\x1b[2J    1.0 s");
}

TEST(ProgressLineTest, WritesAsideAlsoWhenItIsOff) {
  ProgressLine line(/*enabled=*/false);
  line.Show("nothing");
  bool written = false;
  line.Aside([&] { written = true; });
  EXPECT_TRUE(written);
  line.Hide();
}

}  // namespace
}  // namespace tessera::cli
