// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/preprocess_config.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::preprocess {
namespace {

TEST(PreprocessConfigTest, DefaultsAreValidAndTheDocumentedLimits) {
  const PreprocessConfig config;
  EXPECT_THAT(config.Validate(), testing::IsOk());
  EXPECT_EQ(config.Limits().max_file_bytes, 32U << 20);
  EXPECT_EQ(config.Limits().max_pixels, 50'000'000);
  EXPECT_GE(config.Workers(), 1);
}

TEST(PreprocessConfigTest, MemoryFollowsFromTheWorkersUnlessItIsGiven) {
  PreprocessConfig config;
  config.worker_threads = 2;
  EXPECT_EQ(config.MemoryBudgetBytes(), 96 << 20);
  config.worker_threads = 16;
  EXPECT_EQ(config.MemoryBudgetBytes(), 384 << 20);
  config.memory_budget_mib = 20;
  EXPECT_EQ(config.MemoryBudgetBytes(), 20 << 20);
}

TEST(PreprocessConfigTest, NamesTheFlagThatIsWrong) {
  struct Row {
    std::string flag;
    std::function<void(PreprocessConfig&)> change;
  };
  for (const Row& row : std::vector<Row>{
           {"--inference-address", [](auto& c) { c.inference_address = ""; }},
           {"--worker-threads", [](auto& c) { c.worker_threads = 257; }},
           {"--max-queued", [](auto& c) { c.max_queued = 100'001; }},
           {"--max-file-mib", [](auto& c) { c.max_file_mib = 0; }},
           {"--max-file-mib", [](auto& c) { c.max_file_mib = 61; }},
           {"--max-megapixels", [](auto& c) { c.max_megapixels = 0; }},
           {"--memory-budget-mib", [](auto& c) { c.memory_budget_mib = 15; }},
           {"--longest-call", [](auto& c) { c.longest_call = absl::ZeroDuration(); }},
           {"--inference-check-interval",
            [](auto& c) { c.inference_check_interval = absl::ZeroDuration(); }},
       }) {
    PreprocessConfig config;
    row.change(config);
    EXPECT_THAT(config.Validate(), testing::IsInvalidField(row.flag));
  }
}

// What passes here must pass the picture library, which checks again.
TEST(PreprocessConfigTest, AcceptsNoLimitThatThePictureLibraryRefuses) {
  PreprocessConfig config;
  for (uint32_t megapixels = 1; megapixels <= 1'100; ++megapixels) {
    config.max_megapixels = megapixels;
    if (config.Validate().ok()) {
      EXPECT_THAT(tessera::preprocess::Validate(config.Limits()), testing::IsOk()) << megapixels;
    }
  }
}

}  // namespace
}  // namespace tessera::preprocess
