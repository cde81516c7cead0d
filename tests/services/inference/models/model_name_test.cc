// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/model_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using ::tessera::testing::IsInvalidField;

TEST(ModelNameTest, TakesWhatEnginesTake) {
  for (const char* const name :
       {"llama3.2", "qwen3-vl:4b", "llama3.2:3b-instruct-q8_0", "someone/model:tag",
        "registry.example.org:5000/someone/model:tag", "hf.co/a/B-GGUF:Q4_K_M"}) {
    EXPECT_TRUE(CheckModelName("model", name).ok()) << name;
  }
}

TEST(ModelNameTest, RefusesWhatIsNoName) {
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("../../etc"), std::string("a\nb"),
        std::string("model:"), std::string("/model"), std::string("-flag"), std::string("\xff"),
        std::string(351, 'a'), std::string("big:cloud"), std::string("big:120b-cloud")}) {
    EXPECT_THAT(CheckModelName("model", name), IsInvalidField("model")) << name;
  }
}

TEST(ModelNameTest, AddsTheDefaultTag) {
  EXPECT_EQ(WithTag("llama3.2"), "llama3.2:latest");
  EXPECT_EQ(WithTag("qwen3-vl:4b"), "qwen3-vl:4b");
  EXPECT_EQ(WithTag("host:5000/a/model"), "host:5000/a/model:latest");
}

TEST(ModelNameTest, KnowsDigests) {
  EXPECT_TRUE(CheckDigest("digest", "sha256:" + std::string(64, '0')).ok());
  for (const std::string& digest : {std::string(64, '0'), "sha256:" + std::string(63, '0'),
                                    "sha256:" + std::string(64, 'A'), std::string()}) {
    EXPECT_THAT(CheckDigest("digest", digest), IsInvalidField("digest")) << digest;
  }
}

}  // namespace
}  // namespace tessera::inference
