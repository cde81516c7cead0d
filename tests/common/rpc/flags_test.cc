// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace tessera {
namespace {

using ::testing::HasSubstr;

struct Values {
  std::string name = "default";
  uint32_t count = 7;
  absl::Duration wait = absl::Minutes(30);
  bool quick = false;
  std::string level = "info";
};

struct Parsed {
  int code = -1;
  Values values;
  std::string out;
  std::string error;
};

class FlagsTest : public ::testing::Test {
 protected:
  ~FlagsTest() override {
    for (const std::string& variable : set_) unsetenv(variable.c_str());
    for (const std::string& file : files_) std::remove(file.c_str());
  }

  void SetVariable(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    set_.push_back(name);
  }

  std::string WriteFile(const std::string& content) {
    files_.push_back(::testing::TempDir() + "flags_test_" + std::to_string(getpid()) + ".conf");
    std::ofstream(files_.back()) << content;
    return files_.back();
  }

  Parsed Parse(std::vector<std::string> arguments) {
    Parsed parsed;
    std::vector<const char*> argv = {"program"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    Flags flags("A program for tests.", "TESSERA_TEST");
    flags.Add("--name", parsed.values.name, "A name");
    flags.Add("--max-count", parsed.values.count, "A number");
    flags.Add("--wait", parsed.values.wait, "A duration");
    flags.AddSwitch("--quick", parsed.values.quick, "A switch");
    flags.Add("--level", parsed.values.level, "A choice")->check(CLI::IsMember({"info", "off"}));
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    parsed.code = flags.Parse(static_cast<int>(argv.size()), argv.data(), "1.2.3");
    parsed.out = ::testing::internal::GetCapturedStdout();
    parsed.error = ::testing::internal::GetCapturedStderr();
    return parsed;
  }

 private:
  std::vector<std::string> set_;
  std::vector<std::string> files_;
};

TEST_F(FlagsTest, LeavesDefaultsWhereNothingIsGiven) {
  const Parsed parsed = Parse({});
  EXPECT_EQ(parsed.code, -1);
  EXPECT_EQ(parsed.values.name, "default");
  EXPECT_EQ(parsed.values.count, 7);
  EXPECT_EQ(parsed.values.wait, absl::Minutes(30));
  EXPECT_FALSE(parsed.values.quick);
}

TEST_F(FlagsTest, TakesAFlagBeforeTheEnvironmentBeforeTheFile) {
  const std::string file = WriteFile("name = \"file\"\nmax-count = 1\nwait = 1m\n");
  SetVariable("TESSERA_TEST_NAME", "environment");
  SetVariable("TESSERA_TEST_MAX_COUNT", "2");
  const Parsed parsed = Parse({"--config", file, "--name", "flag"});
  EXPECT_EQ(parsed.code, -1) << parsed.error;
  EXPECT_EQ(parsed.values.name, "flag");
  EXPECT_EQ(parsed.values.count, 2);
  EXPECT_EQ(parsed.values.wait, absl::Minutes(1));
}

TEST_F(FlagsTest, ReadsSwitchesFromEverywhere) {
  EXPECT_TRUE(Parse({"--quick"}).values.quick);
  SetVariable("TESSERA_TEST_QUICK", "true");
  EXPECT_TRUE(Parse({}).values.quick);
  SetVariable("TESSERA_TEST_QUICK", "false");
  EXPECT_FALSE(Parse({}).values.quick);
}

TEST_F(FlagsTest, ReadsDurations) {
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, absl::Duration>>{{"0s", absl::ZeroDuration()},
                                                           {"250ms", absl::Milliseconds(250)},
                                                           {"1h30m", absl::Minutes(90)},
                                                           {"1.5s", absl::Milliseconds(1500)}}) {
    EXPECT_EQ(Parse({"--wait", text}).values.wait, expected) << text;
  }
  SetVariable("TESSERA_TEST_WAIT", "90s");
  EXPECT_EQ(Parse({}).values.wait, absl::Seconds(90));
}

TEST_F(FlagsTest, NamesTheFlagWithTheBadValue) {
  for (const auto& [flag, value] :
       std::vector<std::pair<std::string, std::string>>{{"--max-count", "many"},
                                                        {"--max-count", "-1"},
                                                        {"--max-count", "5000000000"},
                                                        {"--wait", "soon"},
                                                        {"--wait", "-5s"},
                                                        {"--wait", "30"},
                                                        {"--level", "loud"}}) {
    const Parsed parsed = Parse({flag + "=" + value});
    EXPECT_GT(parsed.code, 0) << flag << " " << value;
    EXPECT_THAT(parsed.error, HasSubstr(flag)) << value;
  }
}

TEST_F(FlagsTest, NamesTheFlagWithTheBadEnvironmentVariable) {
  SetVariable("TESSERA_TEST_WAIT", "soon");
  const Parsed parsed = Parse({});
  EXPECT_GT(parsed.code, 0);
  EXPECT_THAT(parsed.error, HasSubstr("--wait"));
}

TEST_F(FlagsTest, NamesTheFlagWithTheBadFileEntry) {
  const Parsed parsed = Parse({"--config", WriteFile("max-count = many\n")});
  EXPECT_GT(parsed.code, 0);
  EXPECT_THAT(parsed.error, HasSubstr("max-count"));
}

TEST_F(FlagsTest, RefusesWhatItDoesNotKnow) {
  const Parsed flag = Parse({"--nmae", "x"});
  EXPECT_GT(flag.code, 0);
  EXPECT_THAT(flag.error, HasSubstr("--nmae"));
  const Parsed entry = Parse({"--config", WriteFile("nmae = \"x\"\n")});
  EXPECT_GT(entry.code, 0);
  EXPECT_THAT(entry.error, HasSubstr("nmae"));
}

TEST_F(FlagsTest, RefusesAConfigFileThatIsNotThere) {
  const Parsed parsed = Parse({"--config", "/nowhere/tessera.conf"});
  EXPECT_GT(parsed.code, 0);
  EXPECT_THAT(parsed.error, HasSubstr("/nowhere/tessera.conf"));
}

TEST_F(FlagsTest, TeachesInHelp) {
  const Parsed parsed = Parse({"--help"});
  EXPECT_EQ(parsed.code, 0);
  for (const char* text : {"A program for tests.", "--max-count", "A number",
                           "TESSERA_TEST_MAX_COUNT", "7", "30m", "DURATION", "--config"}) {
    EXPECT_THAT(parsed.out, HasSubstr(text));
  }
}

TEST_F(FlagsTest, TellsItsVersion) {
  const Parsed parsed = Parse({"--version"});
  EXPECT_EQ(parsed.code, 0);
  EXPECT_EQ(parsed.out, "1.2.3\n");
}

}  // namespace
}  // namespace tessera
