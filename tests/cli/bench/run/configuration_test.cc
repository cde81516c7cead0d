// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tessera::bench {
namespace {

using ::tessera::testing::IsError;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ConfigurationTest, ReadsSettings) {
  const auto found =
      ParseConfiguration("qwen3-vl:4b@kv=q8_0,flash_attention=0,num_ctx=8192,parallel=2");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->model, "qwen3-vl:4b");
  EXPECT_EQ(found->num_ctx, 8192);
  EXPECT_TRUE(found->NeedsOwnEngine());
  EXPECT_THAT(found->Environment(),
              ElementsAre(Pair("OLLAMA_KV_CACHE_TYPE", "q8_0"), Pair("OLLAMA_FLASH_ATTENTION", "0"),
                          Pair("OLLAMA_NUM_PARALLEL", "2")));
}

TEST(ConfigurationTest, AModelAloneNeedsNoEngineOfItsOwn) {
  EXPECT_FALSE(ParseConfiguration("m")->NeedsOwnEngine());
  EXPECT_FALSE(ParseConfiguration("m@num_ctx=4096")->NeedsOwnEngine());
  EXPECT_THAT(ParseConfiguration("m@num_ctx=4096")->Environment(), IsEmpty());
}

TEST(ConfigurationTest, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "@kv=f16", "m@kv=f32", "m@colour=red", "m@num_ctx", "m@num_ctx=x",
                           "m@num_ctx=0", "m@parallel=65", "m@flash_attention=2"}) {
    EXPECT_THAT(ParseConfiguration(text).status(),
                IsError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID"))
        << text;
  }
}

}  // namespace
}  // namespace tessera::bench
