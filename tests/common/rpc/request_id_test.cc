// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/request_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera {
namespace {

TEST(RequestIdTest, MakesDifferentIdsThatItWouldAccept) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = MakeRequestId();
    EXPECT_EQ(id.size(), 16);
    EXPECT_EQ(*RequestIdOr(id), id);
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000);
}

TEST(RequestIdTest, KeepsAGoodId) {
  for (const std::string& id : std::vector<std::string>{"a", "A.b_c-9", std::string(64, 'x')}) {
    EXPECT_EQ(*RequestIdOr(id), id);
  }
}

TEST(RequestIdTest, MakesOneWhereNoneIsGiven) { EXPECT_EQ(RequestIdOr("")->size(), 16); }

TEST(RequestIdTest, RefusesWhatCouldHurtALog) {
  for (const std::string& id :
       {std::string(65, 'x'), std::string("a b"), std::string("a\nb"), std::string("é"),
        std::string("a\0b", 3), std::string("a/b"), std::string("\"")}) {
    EXPECT_THAT(RequestIdOr(id), testing::IsInvalidField("request_id")) << id;
  }
}

}  // namespace
}  // namespace tessera
