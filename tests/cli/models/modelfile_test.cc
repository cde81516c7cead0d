// SPDX-License-Identifier: Apache-2.0
#include "cli/models/modelfile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace tessera::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(ModelfileTest, ReadsEveryInstruction) {
  const auto file = ParseModelfile(R"(# a comment
from ./text.gguf
FROM ./mmproj.gguf
ADAPTER ./lora.gguf
PARAMETER num_ctx 8192
parameter stop "<|im_end|>"
PARAMETER stop   two words
TEMPLATE """{{ if .System }}{{ .System }}
{{ end }}{{ .Prompt }}"""
SYSTEM You are brief.
LICENSE """
MIT
"""
MESSAGE user Is it red?
MESSAGE assistant "yes"
RENDERER qwen3-vl-instruct
PARSER qwen3-vl-instruct
REQUIRES 0.14.0
)");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->from, ElementsAre("./text.gguf", "./mmproj.gguf"));
  EXPECT_THAT(file->adapters, ElementsAre("./lora.gguf"));
  EXPECT_THAT(file->parameters, ElementsAre(Pair("num_ctx", "8192"), Pair("stop", "<|im_end|>"),
                                            Pair("stop", "two words")));
  EXPECT_EQ(file->template_text, "{{ if .System }}{{ .System }}\n{{ end }}{{ .Prompt }}");
  EXPECT_EQ(file->system, "You are brief.");
  EXPECT_THAT(file->licenses, ElementsAre("\nMIT\n"));
  EXPECT_THAT(file->messages, ElementsAre(Pair("user", "Is it red?"), Pair("assistant", "yes")));
  EXPECT_EQ(file->renderer, "qwen3-vl-instruct");
  EXPECT_EQ(file->parser, "qwen3-vl-instruct");
  EXPECT_THAT(file->ignored, ElementsAre("REQUIRES 0.14.0"));
}

TEST(ModelfileTest, NamesTheLineThatIsWrong) {
  const auto message = [](const char* text) {
    return std::string(ParseModelfile(text).status().message());
  };
  EXPECT_THAT(message("FROM a\n\nFORM b\n"), HasSubstr("line 3"));
  EXPECT_THAT(message("FROM a\nPARAMETER num_ctx\n"), HasSubstr("line 2"));
  EXPECT_THAT(message("FROM a\nSYSTEM \"\"\"never closed\nmore\n"), HasSubstr("line 2"));
  EXPECT_THAT(message("PARAMETER num_ctx 1\n"), HasSubstr("no FROM"));
  EXPECT_THAT(message("FROM\n"), HasSubstr("line 1"));
}

TEST(ModelfileTest, TakesWindowsLineEnds) {
  const auto file = ParseModelfile("FROM a\r\nPARAMETER seed 1\r\n");
  ASSERT_TRUE(file.ok());
  EXPECT_THAT(file->from, ElementsAre("a"));
  EXPECT_THAT(file->parameters, ElementsAre(Pair("seed", "1")));
}

TEST(ModelfileTest, ReadsTheModelfilesOfThisProject) {
  int read = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(TESSERA_ENGINE_MODELS_DIR)) {
    if (entry.path().filename() != "Modelfile") continue;
    std::ifstream stream(entry.path());
    std::stringstream text;
    text << stream.rdbuf();
    EXPECT_TRUE(ParseModelfile(text.str()).ok()) << entry.path();
    ++read;
  }
  EXPECT_GE(read, 3);
}

}  // namespace
}  // namespace tessera::cli
