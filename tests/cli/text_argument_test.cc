// SPDX-License-Identifier: Apache-2.0
#include "cli/text_argument.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"

namespace tessera::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(TextArgumentTest, PartsLabelsAtCommas) {
  EXPECT_THAT(SplitLabels("cat,dog"), ElementsAre("cat", "dog"));
  EXPECT_THAT(SplitLabels(" cat , hot dog "), ElementsAre("cat", "hot dog"));
  EXPECT_THAT(SplitLabels("cat"), ElementsAre("cat"));
  EXPECT_THAT(SplitLabels(""), IsEmpty());
}

TEST(TextArgumentTest, LeavesEmptyLabelsForTheServerToRefuse) {
  EXPECT_THAT(SplitLabels("cat,,dog,"), ElementsAre("cat", "", "dog", ""));
}

TEST(TextArgumentTest, RefusesWhatIsNotUtf8) {
  EXPECT_TRUE(CheckUtf8("--text", "Grüße").ok());
  EXPECT_EQ(ReasonOf(CheckUtf8("--text", "\xff")), "ARGUMENT_INVALID");
  EXPECT_EQ(CheckUtf8("--text", "\xff").message(), "--text is not valid UTF-8");
}

}  // namespace
}  // namespace tessera::cli
