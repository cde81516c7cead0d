// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kInference[] = "tessera.inference.v1.InferenceService";
constexpr char kPreprocess[] = "tessera.preprocess.v1.PreprocessService";

TEST(HealthCommandTest, NamesTheServerAndBothServices) {
  FakeServer server;
  const ProcessResult result = RunTessera({"--address", server.address(), "health"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, server.address() + "\tserver\tSERVING\n" + server.address() + "\t" +
                            kPreprocess + "\tSERVING\n" + server.address() + "\t" + kInference +
                            "\tSERVING\n");
}

TEST(HealthCommandTest, EndsWithFiveWhileInferenceIsNotServing) {
  FakeServer server;
  server.SetServing(kInference, false);
  const ProcessResult result = RunTessera({"--address", server.address(), "health"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.out, HasSubstr(std::string(kInference) + "\tNOT_SERVING\n"));
  const ProcessResult terminal =
      RunTessera({"--address", server.address(), "health"}, {.out_is_terminal = true});
  EXPECT_THAT(terminal.out,
              HasSubstr("tessera-inference, or the engine behind it, does not answer"));
}

TEST(HealthCommandTest, AsksTheOtherDoorToo) {
  FakeServer front;
  FakeServer gpu_host(/*only_inference=*/true);
  const ProcessResult result =
      RunTessera({"health"}, {.environment = {{"TESSERA_ADDRESS", front.address()},
                                              {"TESSERA_INFERENCE_ADDRESS", gpu_host.address()}}});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(front.address() + "\t" + kPreprocess + "\tSERVING\n"));
  EXPECT_THAT(result.out, HasSubstr(gpu_host.address() + "\t" + kPreprocess + "\tNOT_OFFERED\n"));
  EXPECT_THAT(result.out, HasSubstr(gpu_host.address() + "\t" + kInference + "\tSERVING\n"));
}

TEST(HealthCommandTest, MakesOneDocumentPerName) {
  FakeServer server;
  std::istringstream lines(RunTessera({"--address", server.address(), "health", "--json"}).out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    EXPECT_EQ(nlohmann::json::parse(line)["status"], "SERVING");
  }
  EXPECT_EQ(count, 3);
}

TEST(HealthCommandTest, EndsWithThreeWhenNobodyAnswers) {
  // A port that was free a moment ago.
  std::string address;
  {
    FakeServer server;
    address = server.address();
  }
  const ProcessResult result = RunTessera({"--address", address, "health"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("error: health of " + address + " failed"));
  EXPECT_THAT(result.err, HasSubstr("reason   SERVER_UNREACHABLE"));
  EXPECT_EQ(result.out, "");
}

TEST(HealthCommandTest, WatchesUntilItIsInterrupted) {
  FakeServer server;
  TesseraProcess process({"--address", server.address(), "health", "--watch"});
  EXPECT_TRUE(process.WaitForOut(std::string(kInference) + "\tSERVING\n"));
  server.SetServing(kInference, false);
  EXPECT_TRUE(process.WaitForOut(std::string(kInference) + "\tNOT_SERVING\n"));
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 4) << result.out;
  EXPECT_THAT(result.out, ::testing::MatchesRegex("[0-9-]+T[0-9:]+Z\t(.|\n)*"));
}

}  // namespace
}  // namespace tessera::cli
