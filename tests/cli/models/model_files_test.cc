// SPDX-License-Identifier: Apache-2.0
#include "cli/models/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "common/status/error.h"

namespace tessera::cli {
namespace {

namespace fs = std::filesystem;

class ModelFilesTest : public ::testing::Test {
 protected:
  ModelFilesTest() {
    folder_ = fs::path(::testing::TempDir()) /
              ("model_files_" +
               std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
  }
  ~ModelFilesTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  std::string ReasonFor(const std::string& value) {
    return ReasonOf(FindModelFiles(value, folder_.string()).status());
  }

  fs::path folder_;
};

TEST_F(ModelFilesTest, FindsAGgufFile) {
  Write("m.gguf", "GGUF and more");
  const auto files = FindModelFiles("./m.gguf", folder_.string());
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 1);
  EXPECT_EQ((*files)[0].name, "m.gguf");
  EXPECT_EQ((*files)[0].bytes, 13);
}

TEST_F(ModelFilesTest, FindsWhatAConverterNeedsInAFolder) {
  Write("model-00001-of-00002.safetensors", "x");
  Write("model-00002-of-00002.safetensors", "y");
  Write("config.json", "{}");
  Write("tokenizer.model", "t");
  Write("README.md", "no part of it");
  const auto files = FindModelFiles(".", folder_.string());
  ASSERT_TRUE(files.ok()) << files.status();
  ASSERT_EQ(files->size(), 4);
  EXPECT_EQ((*files)[0].name, "config.json");
  EXPECT_EQ((*files)[3].name, "tokenizer.model");
}

TEST_F(ModelFilesTest, SaysWhatItCannotUse) {
  Write("picture.png", "PNG");
  Write("empty.gguf", "");
  EXPECT_EQ(ReasonFor("./picture.png"), "MODEL_SOURCE_UNKNOWN");
  EXPECT_EQ(ReasonFor("./empty.gguf"), "MODEL_SOURCE_UNKNOWN");
  EXPECT_EQ(ReasonFor("./nowhere.gguf"), "FILE_NOT_FOUND");
  EXPECT_EQ(ReasonFor("."), "MODEL_SOURCE_UNKNOWN");
  Write("model.safetensors", "x");
  EXPECT_EQ(ReasonFor("."), "MODEL_SOURCE_UNKNOWN") << "config.json is missing";
}

TEST_F(ModelFilesTest, TellsModelsOfTheEngineFromFiles) {
  EXPECT_TRUE(IsLocalSource("./x", "."));
  EXPECT_TRUE(IsLocalSource("/x", "."));
  EXPECT_TRUE(IsLocalSource("x.gguf", "."));
  EXPECT_FALSE(IsLocalSource("llama3.2:3b", folder_.string()));
  fs::create_directories(folder_ / "weights");
  EXPECT_TRUE(IsLocalSource("weights", folder_.string()));
}

TEST_F(ModelFilesTest, DigestsInPieces) {
  const std::string content(2'500'000, 'a');
  Write("big", content);
  uint64_t last = 0;
  const auto digest = DigestOfFile((folder_ / "big").string(), [&](uint64_t done) {
    last = done;
    return true;
  });
  ASSERT_TRUE(digest.ok());
  EXPECT_EQ(last, content.size());
  EXPECT_TRUE(digest->starts_with("sha256:"));
  EXPECT_EQ(digest->size(), 71);
  EXPECT_FALSE(DigestOfFile((folder_ / "big").string(), [](uint64_t) { return false; }).ok());
}

}  // namespace
}  // namespace tessera::cli
