// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/runtime_options.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using testing::IsInvalidField;
using testing::IsOk;

absl::StatusOr<ModelProfiles> Parse(const std::vector<std::string>& entries) {
  return ModelProfiles::Parse("--model-profile", entries);
}

TEST(RuntimeOptionsTest, AProfileSaysWhatItSaysAndNoMore) {
  const auto profiles = Parse({"qwen3-vl:4b,num_ctx=8192,use_mmap=false", "mini:latest,num_gpu=0"});
  ASSERT_THAT(profiles, IsOk());
  EXPECT_EQ(profiles->Of("qwen3-vl:4b"), (RuntimeOptions{.num_ctx = 8192, .use_mmap = false}));
  EXPECT_EQ(profiles->Of("mini"), (RuntimeOptions{.num_gpu = 0}));
  EXPECT_EQ(profiles->Of("mini:latest"), (RuntimeOptions{.num_gpu = 0}));
  EXPECT_EQ(profiles->Of("other"), RuntimeOptions());
}

TEST(RuntimeOptionsTest, AProfileThatCannotBeMeantIsRefused) {
  for (const char* entry :
       {"", ",num_ctx=8192", "m,num_ctx", "m,num_ctx=", "m,num_ctx=x", "m,num_ctx=8k", "m,depth=3",
        "m,use_mmap=1", "m,num_ctx=-1", "m,num_ctx=99999999999"}) {
    EXPECT_THAT(Parse({entry}), IsInvalidField("--model-profile")) << entry;
  }
  EXPECT_THAT(Parse({"m,num_ctx=1024", "m:latest,num_ctx=2048"}),
              IsInvalidField("--model-profile"));
  EXPECT_THAT(Parse({"m,num_ctx=511"}), IsInvalidField("--model-profile.num_ctx"));
}

TEST(RuntimeOptionsTest, ValuesOutOfRangeAreNamed) {
  EXPECT_THAT(CheckRuntimeOptions("runtime", {}), IsOk());
  EXPECT_THAT(CheckRuntimeOptions("runtime", {.num_ctx = 1'048'577}),
              IsInvalidField("runtime.num_ctx"));
  EXPECT_THAT(CheckRuntimeOptions("runtime", {.num_batch = 0}),
              IsInvalidField("runtime.num_batch"));
  EXPECT_THAT(CheckRuntimeOptions("runtime", {.main_gpu = 64}), IsInvalidField("runtime.main_gpu"));
  EXPECT_THAT(CheckRuntimeOptions("runtime", {.num_thread = 0}),
              IsInvalidField("runtime.num_thread"));
}

TEST(RuntimeOptionsTest, ARequestsOptionsLieOverTheProfiles) {
  EXPECT_EQ(Merge({.num_ctx = 1024, .use_mmap = true}, {.num_ctx = 2048, .num_gpu = 7}),
            (RuntimeOptions{.num_ctx = 1024, .num_gpu = 7, .use_mmap = true}));
}

}  // namespace
}  // namespace tessera::inference
