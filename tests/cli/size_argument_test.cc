// SPDX-License-Identifier: Apache-2.0
#include "cli/size_argument.h"

#include <gtest/gtest.h>

#include <string>

namespace tessera::cli {
namespace {

std::string Read(const char* text) {
  image::v1::ImageOptions options;
  if (!ReadSizePolicy(text, options).ok()) return "refused";
  return options.ShortDebugString();
}

TEST(SizeArgumentTest, ReadsEveryForm) {
  EXPECT_EQ(Read("fit-within"), "");
  EXPECT_EQ(Read("engine-fit:ollama-legacy"), "engine_fit { engine: ENGINE_OLLAMA_LEGACY }");
  EXPECT_EQ(Read("engine-fit:ollama-current"), "engine_fit { engine: ENGINE_OLLAMA_CURRENT }");
  EXPECT_EQ(Read("engine-fit:hugging-face"), "engine_fit { engine: ENGINE_HUGGING_FACE }");
  EXPECT_EQ(Read("engine-fit:llama-cpp"), "engine_fit { engine: ENGINE_LLAMA_CPP }");
  EXPECT_EQ(Read("token-budget:512"), "token_budget { max_tokens: 512 }");
  EXPECT_EQ(Read("token-budget:64-512"), "token_budget { min_tokens: 64 max_tokens: 512 }");
  EXPECT_EQ(Read("exact:640x480"), "exact { width_px: 640 height_px: 480 }");
  EXPECT_EQ(Read("exact:640x480:letterbox"), "exact { width_px: 640 height_px: 480 }");
  EXPECT_EQ(Read("exact:640x480:stretch"),
            "exact { width_px: 640 height_px: 480 fit: EXACT_FIT_STRETCH }");
}

TEST(SizeArgumentTest, RefusesEverythingElse) {
  for (const char* text :
       {"", "fit-within:3", "engine-fit", "engine-fit:vllm", "token-budget",
        "token-budget:", "token-budget:a", "token-budget:5-b", "token-budget:-5", "exact:640",
        "exact:640x", "exact:640x480:crop", "exact:640x480x3", "768"}) {
    EXPECT_EQ(Read(text), "refused") << text;
  }
}

}  // namespace
}  // namespace tessera::cli
