// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_items.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::cli {
namespace {

using tessera::testing::IsOk;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(BatchItemsTest, ReadsEachKindOfLine) {
  const auto items =
      ParseBatchItems(R"({"id": "a", "prompt": "Why?"})"
                      "\n\n"
                      R"({"prompt": "What?", "pictures": ["b.jpg"], "generate": {"model": "m"}})"
                      "\r\n"
                      R"({"id": "c", "pictures": ["c.png"], "classify": {"labels": ["x", "y"]}})"
                      "\n"
                      R"({"id": "d", "embed": {"model": "e", "texts": ["t"]}})");
  ASSERT_THAT(items, IsOk());
  ASSERT_EQ(items->size(), 4);
  const BatchItem& prompt = (*items)[0];
  EXPECT_EQ(prompt.request.id(), "a");
  EXPECT_EQ(prompt.request.generate().messages(0).text(), "Why?");
  EXPECT_EQ(prompt.request.generate().messages(0).role(), inference::v1::ROLE_USER);
  const BatchItem& with_picture = (*items)[1];
  EXPECT_EQ(with_picture.request.id(), "3") << "its line";
  EXPECT_EQ(with_picture.request.generate().model(), "m");
  EXPECT_THAT(with_picture.pictures, ElementsAre("b.jpg"));
  EXPECT_THAT((*items)[2].request.classify().labels(), ElementsAre("x", "y"));
  EXPECT_EQ((*items)[3].request.embed().texts(0), "t");
}

TEST(BatchItemsTest, NamesTheLineThatIsWrong) {
  for (const char* line :
       {"no JSON", "[]", "{}", R"({"id": "a"})", R"({"prompt": 7})",
        R"({"prompt": "x", "generate": 7})", R"({"prompt": "x", "generate": {"messages": []}})",
        R"({"generate": {"nothing": 1}})", R"({"pictures": "a.jpg", "prompt": "x"})",
        R"({"pictures": [7], "prompt": "x"})", R"({"pictures": ["a"], "embed": {"model": "m"}})",
        R"({"pictures": ["a"], "generate": {"model": "m"}})"}) {
    const auto items = ParseBatchItems(std::string("{\"prompt\": \"fine\"}\n") + line);
    ASSERT_FALSE(items.ok()) << line;
    EXPECT_THAT(std::string(items.status().message()), HasSubstr("line 2: ")) << line;
  }
}

}  // namespace
}  // namespace tessera::cli
