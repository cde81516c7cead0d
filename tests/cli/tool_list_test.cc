// SPDX-License-Identifier: Apache-2.0
#include "cli/tool_list.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tessera::cli {
namespace {

using tessera::testing::IsOk;

TEST(ToolListTest, ReadsBothForms) {
  const auto tools = ReadToolList(
      R"([{"name": "a", "description": "does a", "parameters": {"type": "object"}},
          {"type": "function", "function": {"name": "b"}}])");
  ASSERT_THAT(tools, IsOk());
  ASSERT_EQ(tools->size(), 2);
  EXPECT_EQ((*tools)[0].name(), "a");
  EXPECT_EQ((*tools)[0].description(), "does a");
  EXPECT_EQ((*tools)[0].parameters_schema_json(), R"({"type":"object"})");
  EXPECT_EQ((*tools)[1].name(), "b");
  EXPECT_EQ((*tools)[1].parameters_schema_json(), "");
}

TEST(ToolListTest, RefusesWhatIsNoList) {
  for (const char* text : {"", "{}", "[7]", "[{}]", R"([{"name": 7}])",
                           R"([{"name": "a", "description": 7}])", R"([{"function": 7}])"}) {
    EXPECT_FALSE(ReadToolList(text).ok()) << text;
  }
}

TEST(ToolListTest, ACallIsOneSafeLine) {
  inference::v1::ToolCall call;
  call.set_name("a");
  call.set_arguments_json("{\"x\":\"\x1b[2J\"}");
  EXPECT_EQ(ToolLine(call), "a {\"x\":\"\\x1b[2J\"}\n");
}

}  // namespace
}  // namespace tessera::cli
