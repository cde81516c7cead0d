// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/version.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;

TEST(UsageTest, TeachesWithExamplesAndExitCodes) {
  const ProcessResult result = RunTessera({"--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  for (const char* part : {"Examples:", "Exit codes:", "--address", "TESSERA_ADDRESS",
                           "127.0.0.1:7000", "--timeout", "60s", "classify", "generate",
                           "preprocess", "models", "bench", "experiments", "health", "NO_COLOR"}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
  for (const char* command :
       {"classify", "generate", "preprocess", "models", "bench", "experiments", "health"}) {
    const ProcessResult help = RunTessera({command, "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.out, HasSubstr(std::string("  tessera ") + command)) << "no example";
  }
}

TEST(UsageTest, SaysItsVersion) {
  EXPECT_EQ(RunTessera({"--version"}).out, "tessera " TESSERA_VERSION "\n");
}

TEST(UsageTest, EndsWithTwoAndNamesTheMistake) {
  const struct {
    std::vector<std::string> arguments;
    const char* message;
  } cases[] = {
      {{}, "name a command: classify, generate"},
      {{"clasify"}, "there is no command or option clasify"},
      {{"--adress", "x", "health"}, "--adress"},
      {{"--timeout"}, "--timeout"},
      {{"generate"}, "PROMPT is required"},
      {{"generate", "two", "words"}, "words"},
      {{"generate", "x", "--seed", "-1"}, "--seed"},
      {{"generate", "x", "--temperature", "hot"}, "--temperature"},
      {{"health", "--timeout", "soon"}, "soon is not a duration"},
      {{"health", "--timeout", "0s"}, "must be more than 0"},
      {{"preprocess", "a.jpg"}, "OUT is required"},
  };
  for (const auto& c : cases) {
    const ProcessResult result = RunTessera(c.arguments);
    EXPECT_EQ(result.exit_code, 2) << c.message;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr("error: "));
    EXPECT_THAT(result.err, HasSubstr(c.message));
    EXPECT_THAT(result.err, HasSubstr("--help`"));
  }
}

TEST(UsageTest, TakesGlobalOptionsBeforeAndAfterTheCommandAndFromTheEnvironment) {
  FakeServer server;
  const std::string address = server.address();
  EXPECT_EQ(RunTessera({"--address", address, "health"}).exit_code, 0);
  EXPECT_EQ(RunTessera({"health", "--address", address}).exit_code, 0);
  EXPECT_EQ(RunTessera({"health"}, {.environment = {{"TESSERA_ADDRESS", address}}}).exit_code, 0);
  // A flag wins over the environment.
  EXPECT_EQ(RunTessera({"health", "--address", address},
                       {.environment = {{"TESSERA_ADDRESS", "127.0.0.1:1"}}})
                .exit_code,
            0);
  EXPECT_EQ(RunTessera({"health"}, {.environment = {{"TESSERA_TIMEOUT", "never"}}}).exit_code, 2);
}

TEST(UsageTest, EndsWithThreeForANameThatDoesNotExist) {
  const ProcessResult result = RunTessera({"--address", "no-such-host.invalid:7000", "health"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("SERVER_UNREACHABLE"));
}

}  // namespace
}  // namespace tessera::cli
