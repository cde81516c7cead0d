// SPDX-License-Identifier: Apache-2.0
//
// `tessera bench ...` as a process, against both services and a simulated engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/tessera_process.h"
#include "tests/integration/pair.h"

namespace tessera::cli {
namespace {

using ::tessera::testing::Pair;
using ::testing::HasSubstr;
using ::testing::Not;

class BenchProcessTest : public ::testing::Test {
 protected:
  std::vector<std::string> Arguments(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "bench");
    arguments.insert(arguments.end(),
                     {"--address", "127.0.0.1:" + std::to_string(pair_.preprocess().port())});
    return arguments;
  }
  ProcessResult Run(std::vector<std::string> arguments) {
    return RunTessera(Arguments(std::move(arguments)));
  }
  // The suite of a run with --json.
  nlohmann::json Suite(const ProcessResult& result) {
    const auto json = nlohmann::json::parse(result.out, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) ADD_FAILURE() << result.out << result.err;
    return json.is_object() ? json["suites"][0] : nlohmann::json::object();
  }
  std::string Path(const std::string& name) {
    return (std::filesystem::path(::testing::TempDir()) / ("bench_process_" + name)).string();
  }

  Pair pair_;
};

TEST_F(BenchProcessTest, ChecksWhatADeploymentDoes) {
  const ProcessResult result = Run({"functional", "--inference-address",
                                    "127.0.0.1:" + std::to_string(pair_.inference().port())});
  EXPECT_THAT(result.out, HasSubstr("front door: health"));
  EXPECT_THAT(result.out, HasSubstr("inference door: error: picture file"));
  EXPECT_THAT(result.out, HasSubstr(" 0 failed")) << result.out;
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(BenchProcessTest, ComparesWithTheEngineInTurns) {
  const auto suite = Suite(Run({"text", "--json", "--runs", "3", "--lengths", "50,100",
                                "--max-tokens", "8", "--ollama-url", pair_.engine().url()}));
  EXPECT_EQ(suite["conditions"].size(), 4);
  int paired = 0;
  for (const auto& finding : suite["findings"]) {
    paired += finding["name"] == "gateway / direct, tokens/s of whole requests" ? 1 : 0;
  }
  EXPECT_EQ(paired, 1);
  int totals = 0;
  for (const auto& sample : suite["samples"]) totals += sample["metric"] == "total" ? 1 : 0;
  EXPECT_EQ(totals, 12);
}

TEST_F(BenchProcessTest, MeasuresPicturesByStage) {
  const auto suite =
      Suite(Run({"vision", "--json", "--runs", "1", "--side", "256", "--sizes", "128,original"}));
  EXPECT_EQ(suite["conditions"].size(), 2);
  EXPECT_EQ(suite["findings"].back()["name"], "right: all");
  EXPECT_EQ(suite["findings"].back()["text"].get<std::string>().substr(1), " of 8");
}

TEST_F(BenchProcessTest, SweepsLoad) {
  const auto suite = Suite(Run({"load", "--json", "--clients", "1,4", "--rates", "20", "--seconds",
                                "0.3", "--max-tokens", "4"}));
  EXPECT_EQ(suite["conditions"].size(), 3);
  EXPECT_EQ(suite["findings"][0]["name"], "knee of the closed loop");
}

// Texts take a tenth of a second for ten tokens.
std::vector<simulator::ModelSpec> SlowModels() {
  std::vector<simulator::ModelSpec> models = simulator::DefaultModels();
  for (simulator::ModelSpec& model : models) model.decode_tokens_per_second = 100;
  return models;
}

TEST(BenchOverloadTest, TellsHowLongRefusedRequestsWaited) {
  Pair pair({.simulator = {.models = SlowModels()}, .inference = {.max_queued = 2}});
  const ProcessResult result =
      RunTessera({"bench", "load", "--json", "--clients", "1", "--rates", "100", "--seconds", "0.5",
                  "--max-tokens", "10", "--pictures", "0", "--address",
                  "127.0.0.1:" + std::to_string(pair.preprocess().port())});
  const auto record = nlohmann::json::parse(result.out, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(record.is_object()) << result.out << result.err;
  double failed = 0, told = 0;
  for (const auto& sample : record["suites"][0]["samples"]) {
    if (sample["metric"] == "failed") failed += sample["value"].get<double>();
    if (sample["metric"] == "failed after") told += 1;
  }
  EXPECT_GT(failed, 0);
  EXPECT_EQ(told, failed);
}

TEST_F(BenchProcessTest, KeepsAndComparesAndDraws) {
  const std::string kept = Path("kept.json"), page = Path("page.html");
  const std::vector<std::string> text = {"text", "--runs",       "4", "--lengths",
                                         "50",   "--max-tokens", "4"};
  auto first = text;
  first.insert(first.end(), {"--save", kept, "--html", page});
  EXPECT_EQ(Run(first).exit_code, 0);
  std::ifstream file(page);
  std::stringstream html;
  html << file.rdbuf();
  EXPECT_THAT(html.str(), HasSubstr("<svg"));
  EXPECT_THAT(html.str(), HasSubstr("</html>"));
  auto second = text;
  second.insert(second.end(), {"--baseline", kept});
  EXPECT_THAT(Run(second).out, HasSubstr("== baseline =="));
  EXPECT_THAT(Run({"text", "--runs", "1", "--baseline", page}).err, HasSubstr("REPORT_UNREADABLE"));
}

TEST_F(BenchProcessTest, ShowsWhatWasKept) {
  const std::string one = Path("one.json"), two = Path("two.json"), page = Path("both.html");
  EXPECT_EQ(Run({"text", "--runs", "1", "--lengths", "50", "--save", one}).exit_code, 0);
  EXPECT_EQ(Run({"load", "--clients", "1", "--rates", "20", "--seconds", "0.2", "--pictures", "0",
                 "--save", two})
                .exit_code,
            0);
  const ProcessResult result = RunTessera({"bench", "--from", one, two, "--html", page});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("== text =="));
  EXPECT_THAT(result.out, HasSubstr("== load =="));
  EXPECT_TRUE(std::filesystem::exists(page));
  EXPECT_THAT(RunTessera({"bench", "--from", page}).err, HasSubstr("REPORT_UNREADABLE"));
}

TEST_F(BenchProcessTest, AsksTheEngineBesideUnderLoad) {
  const auto suite = Suite(Run({"load", "--json", "--clients", "1,2", "--rates", "20", "--seconds",
                                "0.2", "--max-tokens", "4", "--ollama-url", pair_.engine().url()}));
  EXPECT_EQ(suite["conditions"].size(), 6);
  EXPECT_THAT(suite["findings"].back()["name"],
              "answers/s with 2 clients, through Tessera / directly");
}

TEST_F(BenchProcessTest, SendsUntouchedPicturesToTheEngine) {
  for (const char* kind : {"labels", "descriptions"}) {
    std::vector<std::string> arguments = {
        "vision",  "--json", "--runs",    "1",    "--side",       "1024",
        "--sizes", "768",    "--formats", "jpeg", "--ollama-url", pair_.engine().url()};
    if (std::string(kind) == "descriptions") {
      arguments.insert(arguments.end(), {"--describe", "8"});
    }
    const auto suite = Suite(Run(arguments));
    ASSERT_EQ(suite["conditions"].size(), 2) << kind;
    EXPECT_EQ(suite["conditions"][1]["name"], "directly, JPEG");
    EXPECT_EQ(suite["findings"][0]["name"],
              "through Tessera at 768 px / untouched to the engine, total");
    // Accuracy is counted for labels alone, and not for the engine's own answers.
    const std::string last = suite["findings"].back()["name"];
    EXPECT_EQ(last == "right: all", std::string(kind) == "labels") << last;
  }
}

TEST_F(BenchProcessTest, MeasuresAColdStart) {
  const ProcessResult result =
      Run({"text", "--json", "--runs", "1", "--lengths", "50", "--cold", "2"});
  // The pair of this test lets nobody change models.
  EXPECT_THAT(result.err, HasSubstr("MODEL_ADMIN_DISABLED")) << result.out;
}

TEST_F(BenchProcessTest, CtrlCKeepsWhatWasMeasured) {
  TesseraProcess process(
      Arguments({"text", "--runs", "100000", "--lengths", "50", "--max-tokens", "4", "--json"}),
      {.err_is_terminal = true});
  ASSERT_TRUE(process.WaitForErr("through Tessera, 50 tokens"));
  process.Signal(SIGINT);
  const ProcessResult result = process.Wait();
  EXPECT_EQ(result.exit_code, 130);
  EXPECT_EQ(Suite(result)["interrupted"], true);
}

TEST_F(BenchProcessTest, SaysWhichOfTwoModelsIsFaster) {
  const ProcessResult result =
      Run({"compare", "qwen3-vl:4b", "llama3.2-custom", "--texts-only", "--most-pairs", "6",
           "--max-tokens", "8", "--ollama-url", pair_.engine().url()});
  EXPECT_THAT(result.out, HasSubstr("verdict")) << result.err;
  EXPECT_THAT(Run({"compare", "m@kv=f32", "m"}).err, HasSubstr("ARGUMENT_INVALID"));
}

}  // namespace
}  // namespace tessera::cli
