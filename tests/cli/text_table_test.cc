// SPDX-License-Identifier: Apache-2.0
#include "cli/text_table.h"

#include <gtest/gtest.h>

namespace tessera::cli {
namespace {

TEST(TextTableTest, AlignsColumnsUnderTheirHeader) {
  TextTable table({"NAME", "SIZE"});
  table.Add({"qwen3-vl:4b", "3.0 GiB"});
  table.Add({"x", "1 B"});
  EXPECT_EQ(table.Aligned(Pen()),
            "NAME         SIZE\n"
            "qwen3-vl:4b  3.0 GiB\n"
            "x            1 B\n");
}

TEST(TextTableTest, PartsCellsByTabsInAPipe) {
  TextTable table({"NAME", "SIZE"});
  table.Add({"a\tb\n", "1 B"});
  EXPECT_EQ(table.Plain(), "a\\tb\\n\t1 B\n");
}

}  // namespace
}  // namespace tessera::cli
