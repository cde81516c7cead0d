// SPDX-License-Identifier: Apache-2.0
#include "cli/local_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/status/error.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;

class LocalFileTest : public ::testing::Test {
 protected:
  LocalFileTest() {
    std::string name = ::testing::TempDir() + "local_file_test.XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~LocalFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  std::string folder_;
};

TEST_F(LocalFileTest, ReadsBackWhatItWrote) {
  for (const size_t size :
       {size_t{0}, size_t{1}, (size_t{1} << 20) - 1, size_t{1} << 20, (size_t{3} << 20) + 7}) {
    const std::string content(size, 'x');
    ASSERT_TRUE(WriteFile(Path("a"), content).ok());
    const auto read = ReadFile(Path("a"), size);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, content);
  }
}

TEST_F(LocalFileTest, SaysWhatIsWrongWithAPath) {
  const auto reason_of = [](const std::string& path) {
    const absl::Status status = ReadFile(path, 100).status();
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    return ReasonOf(status);
  };
  EXPECT_EQ(reason_of(Path("missing.jpg")), "FILE_NOT_FOUND");
  EXPECT_EQ(reason_of(folder_), "FILE_IS_DIRECTORY");
  ASSERT_TRUE(WriteFile(Path("a"), "x").ok());
  EXPECT_EQ(reason_of(Path("a") + "/below"), "FILE_NOT_FOUND");
}

TEST_F(LocalFileTest, SaysThatAFileMayNotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "everything may be read by root";
  ASSERT_TRUE(WriteFile(Path("secret"), "x").ok());
  ASSERT_EQ(chmod(Path("secret").c_str(), 0), 0);
  EXPECT_EQ(ReasonOf(ReadFile(Path("secret"), 100).status()), "FILE_UNREADABLE");
}

TEST_F(LocalFileTest, RefusesAFileThatIsTooLargeWithoutReadingIt) {
  ASSERT_TRUE(WriteFile(Path("huge"), "").ok());
  ASSERT_EQ(truncate(Path("huge").c_str(), off_t{2} << 30), 0);
  const absl::Status status = ReadFile(Path("huge"), size_t{60} << 20).status();
  EXPECT_EQ(ReasonOf(status), "FILE_TOO_LARGE");
  EXPECT_THAT(std::string(status.message()), HasSubstr("2.0 GiB"));
}

TEST_F(LocalFileTest, StopsReadingWhatHasNoEnd) {
  EXPECT_EQ(ReasonOf(ReadFile("/dev/zero", 3 << 20).status()), "FILE_TOO_LARGE");
}

TEST_F(LocalFileTest, SaysWhyItCannotWrite) {
  EXPECT_EQ(ReasonOf(WriteFile(Path("no/such/folder"), "x")), "FILE_NOT_FOUND");
  EXPECT_EQ(ReasonOf(WriteFile(folder_, "x")), "FILE_IS_DIRECTORY");
  EXPECT_EQ(ReasonOf(WriteFile("/dev/full", "x")), "FILE_UNWRITABLE");
}

}  // namespace
}  // namespace tessera::cli
