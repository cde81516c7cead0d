// SPDX-License-Identifier: Apache-2.0
//
// What fuzzing found worth keeping, one file for each way through the readers, and the pictures it
// began with.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/time/clock.h"
#include "tests/fuzz/picture_run.h"
#include "tests/support/pictures/mutation.h"

namespace tessera::preprocess {
namespace {

// Other work on the machine may hold one up; what hangs takes longer.
constexpr absl::Duration kLongest = absl::Seconds(20);

void ExpectAnswer(const std::string& name, const std::string& file) {
  const absl::Time start = absl::Now();
  EXPECT_EQ(RunPicture(file), "") << name;
  EXPECT_LT(absl::Now() - start, kLongest) << name;
}

TEST(PictureCorpusTest, EveryKeptFileIsPreparedOrRefusedWithAReason) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TESSERA_FUZZ_CORPUS)) {
    std::ifstream in(entry.path(), std::ios::binary);
    ExpectAnswer(entry.path(), {std::istreambuf_iterator<char>(in), {}});
    ++files;
  }
  EXPECT_GT(files, 100);
}

TEST(PictureCorpusTest, EverySeedIsPreparedOrRefusedWithAReason) {
  for (const auto& [name, file] : tessera::testing::MutationSeeds()) ExpectAnswer(name, file);
}

}  // namespace
}  // namespace tessera::preprocess
