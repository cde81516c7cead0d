// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "common/status/error.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

using ::testing::HasSubstr;

class ModelsCommandTest : public ::testing::Test {
 protected:
  ModelsCommandTest() {
    auto& loaded = *server_.models.answer.add_models();
    loaded.set_name("qwen3-vl:4b");
    loaded.set_digest(std::string(64, 'a'));
    loaded.set_family("qwen3vl");
    loaded.set_size_bytes(3'221'225'472);
    loaded.add_capabilities("completion");
    loaded.add_capabilities("vision");
    loaded.set_loaded(true);
    loaded.set_size_vram_bytes(5'368'709'120);
    loaded.set_context_tokens(4096);
    server_.models.answer.add_models()->set_name("llama3.2-custom:latest");
  }

  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    arguments.insert(arguments.begin(), {"models", "--address", server_.address()});
    return RunTessera(std::move(arguments), std::move(options));
  }

  FakeServer server_;
};

TEST_F(ModelsCommandTest, PrintsOnePlainLinePerModelInAPipe) {
  const ProcessResult result = Run({});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out,
            "qwen3-vl:4b\tqwen3vl\t3.0 GiB\tyes\t5.0 GiB\t4096\tcompletion,vision\n"
            "llama3.2-custom:latest\t-\t0 B\tno\t-\t-\t-\n");
}

TEST_F(ModelsCommandTest, PrintsATableOnATerminal) {
  const ProcessResult result = Run({"--no-color"}, {.out_is_terminal = true});
  EXPECT_THAT(result.out, HasSubstr("NAME                    FAMILY   SIZE     LOADED"));
  EXPECT_THAT(result.out, HasSubstr("qwen3-vl:4b             qwen3vl  3.0 GiB  yes "));
}

TEST_F(ModelsCommandTest, MakesOneDocumentPerModel) {
  std::istringstream lines(Run({"--json"}).out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto document = nlohmann::json::parse(line);
  EXPECT_EQ(document["name"], "qwen3-vl:4b");
  EXPECT_EQ(document["loaded"], true);
  EXPECT_EQ(document["capabilities"][1], "vision");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["loaded"], false);
}

TEST_F(ModelsCommandTest, SaysThatThereAreNone) {
  server_.models.answer.Clear();
  const ProcessResult result = Run({});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("the engine has no models"));
}

TEST_F(ModelsCommandTest, ReportsAnEngineThatDoesNotAnswer) {
  server_.models.status =
      MakeError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE", "nobody answers");
  const ProcessResult result = Run({});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("Start the engine"));
}

TEST_F(ModelsCommandTest, SaysWhenAServerDoesNotOfferIt) {
  FakeServer other(/*only_inference=*/true);
  const ProcessResult result = RunTessera({"models", "--address", other.address()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("NOT_SERVED_HERE"));
  EXPECT_THAT(result.err, HasSubstr("Ask the front door"));
}

}  // namespace
}  // namespace tessera::cli
