// SPDX-License-Identifier: Apache-2.0
//
// `tessera models ...` as a process, against both services and a simulated engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"
#include "tests/integration/pair.h"

namespace tessera::cli {
namespace {

using ::tessera::testing::Pair;
using ::tessera::testing::PairOptions;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

PairOptions Options(double pull_rate = 0) {
  PairOptions options;
  simulator::ModelSpec far;
  far.name = "far:1b";
  far.size_bytes = 50'000'000;
  options.simulator.registry.push_back(far);
  simulator::ModelSpec f16;
  f16.name = "text:f16";
  f16.quantization = "F16";
  options.simulator.models.push_back(f16);
  options.simulator.pull_bytes_per_second = pull_rate;
  options.inference.model_admin = "allow";
  options.inference.engine_check_interval = absl::Milliseconds(20);
  return options;
}

class ModelsProcessTest : public ::testing::Test {
 protected:
  explicit ModelsProcessTest(PairOptions options = Options()) : pair_(std::move(options)) {}

  std::vector<std::string> Arguments(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "models");
    arguments.insert(arguments.end(),
                     {"--address", "127.0.0.1:" + std::to_string(pair_.preprocess().port())});
    return arguments;
  }
  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    return RunTessera(Arguments(std::move(arguments)), std::move(options));
  }
  bool Listed(const std::string& name) {
    return tessera::testing::PollUntil(
        [&] { return Run({"list"}).out.find(name + "\t") != std::string::npos; });
  }

  Pair pair_;
};

TEST_F(ModelsProcessTest, PullsAndSaysSo) {
  const ProcessResult result = Run({"pull", "far:1b"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "pulled far:1b\n");
  EXPECT_THAT(result.err, HasSubstr("pulling manifest\n"));
  EXPECT_THAT(result.err, HasSubstr("100 %  47.7 MiB of 47.7 MiB"));
  EXPECT_TRUE(Listed("far:1b"));
}

TEST_F(ModelsProcessTest, MakesADocumentOfEachStepWithJson) {
  std::istringstream lines(Run({"pull", "far:1b", "--json"}).out);
  std::vector<nlohmann::json> documents;
  for (std::string line; std::getline(lines, line);) {
    documents.push_back(nlohmann::json::parse(line));
  }
  ASSERT_GE(documents.size(), 3);
  EXPECT_EQ(documents.front()["progress"]["status"], "pulling manifest");
  EXPECT_EQ(documents.back()["pulled"], "far:1b");
}

TEST_F(ModelsProcessTest, SaysWhatToDoWhenAPullFails) {
  const ProcessResult result = Run({"pull", "nobody:1b"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("MODEL_NOT_IN_REGISTRY"));
  EXPECT_THAT(result.err, HasSubstr("Check the spelling and the tag"));
}

class SlowModelsProcessTest : public ModelsProcessTest {
 protected:
  SlowModelsProcessTest() : ModelsProcessTest(Options(25e6)) {}
};

TEST_F(SlowModelsProcessTest, AnInterruptedPullGoesOn) {
  TesseraProcess process(Arguments({"pull", "far:1b"}));
  ASSERT_TRUE(process.WaitForErr("MiB/s"));
  process.Signal(SIGINT);
  const ProcessResult interrupted = process.Wait();
  EXPECT_EQ(interrupted.exit_code, 130);
  EXPECT_THAT(interrupted.err, HasSubstr("goes on from there"));
  const ProcessResult second = Run({"pull", "far:1b"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.err, Not(HasSubstr("    0 %  0 B of")));
}

TEST_F(SlowModelsProcessTest, ShowsABarOnATerminal) {
  const ProcessResult result = Run({"pull", "far:1b"}, {.err_is_terminal = true});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, ContainsRegex("\\[=+> *\\] +[0-9]+ %"));
  EXPECT_THAT(result.err, ContainsRegex("MiB/s 0:0[0-9] left"));
}

TEST_F(ModelsProcessTest, UploadsAFileOnceAndMakesAModel) {
  const std::string path = TemporaryFile(
      "tiny.gguf", "GGUF" + std::string("\3\0\0\0", 4) + std::string(3'000'000, '\0'));
  const ProcessResult result = Run({"create", "tiny", "--from", path});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "created tiny\n");
  EXPECT_THAT(result.err, HasSubstr("uploading"));
  EXPECT_TRUE(Listed("tiny:latest"));
  const ProcessResult again = Run({"create", "tiny:two", "--from", path, "--quantise", "q8_0"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("the engine has"));
  EXPECT_THAT(again.err, Not(HasSubstr("uploading")));
}

TEST_F(ModelsProcessTest, MakesAModelFromAModelfile) {
  const std::string path = TemporaryFile(
      "Modelfile", "FROM llama3.2-custom\nPARAMETER num_ctx 2048\nSYSTEM Be brief.\n");
  const ProcessResult result = Run({"create", "brief", "-f", path});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(Listed("brief:latest"));
  const ProcessResult shown = Run({"show", "brief"});
  EXPECT_THAT(shown.out, HasSubstr("PARAMETER         num_ctx 2048"));
  EXPECT_THAT(shown.out, HasSubstr("SYSTEM            Be brief."));
}

TEST_F(ModelsProcessTest, ExplainsWhyAQuantisedModelIsNotQuantisedAgain) {
  EXPECT_EQ(Run({"quantise", "text:f16", "text:q4", "--type", "q4_K_M"}).exit_code, 0);
  const ProcessResult refused = Run({"quantize", "text:q4", "text:q8", "--type", "q8_0"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("QUANTIZATION_SOURCE"));
  EXPECT_THAT(refused.err, HasSubstr("start from the F16"));
}

TEST_F(ModelsProcessTest, LoadsShowsWhatRunsAndUnloads) {
  const ProcessResult loaded = Run({"load", "llama3.2-custom", "--keep-alive", "10m"});
  EXPECT_EQ(loaded.exit_code, 0) << loaded.err;
  EXPECT_THAT(loaded.out, HasSubstr("llama3.2-custom:latest\t"));
  EXPECT_THAT(loaded.out, HasSubstr("100 % GPU"));
  EXPECT_THAT(Run({"running"}).out, HasSubstr("llama3.2-custom:latest\t"));
  EXPECT_EQ(Run({"unload", "llama3.2-custom"}).exit_code, 0);
  EXPECT_TRUE(tessera::testing::PollUntil([&] { return Run({"running"}).out.empty(); }));
}

TEST_F(ModelsProcessTest, CopiesAndDeletes) {
  EXPECT_EQ(Run({"copy", "llama3.2-custom", "second"}).exit_code, 0);
  EXPECT_TRUE(Listed("second:latest"));
  EXPECT_EQ(Run({"delete", "second"}).out, "deleted second\n");
}

TEST_F(ModelsProcessTest, SaysWhatFits) {
  const ProcessResult result = Run({"fit", "llama3.2-custom", "--vram", "8GiB", "--check"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("keys and values"));
  EXPECT_THAT(result.out, HasSubstr("largest num_ctx that fits: "));
  EXPECT_THAT(result.out, HasSubstr("checked: the engine reports"));
  EXPECT_THAT(result.out, HasSubstr("q8_0 cache\t"));
  EXPECT_EQ(Run({"fit", "llama3.2-custom", "--vram", "many"}).exit_code, 2);
}

TEST(ModelsProcessUsageTest, RefusesWhatDoesNotExist) {
  EXPECT_EQ(RunTessera({"models", "--address", "127.0.0.1:1", "frobnicate"}).exit_code, 2);
  EXPECT_THAT(RunTessera({"models", "--help"}).out, HasSubstr("quantise"));
  const ProcessResult result =
      RunTessera({"models", "create", "x", "--from", "./nowhere.gguf", "--address", "127.0.0.1:1"});
  EXPECT_NE(result.exit_code, 0);
}

}  // namespace
}  // namespace tessera::cli
