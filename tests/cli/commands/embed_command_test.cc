// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "common/status/error.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EmbedCommandTest : public ::testing::Test {
 protected:
  EmbedCommandTest() {
    server_.inference.on_embed = [this](const api::EmbedRequest& request,
                                        api::EmbedResponse& response) {
      request_ = request;
      if (request.model() == "talking") {
        return MakeError(absl::StatusCode::kFailedPrecondition, "MODEL_LACKS_CAPABILITY",
                         "makes no vectors");
      }
      for (int i = 0; i < request.texts_size(); ++i) {
        api::Embedding& vector = *response.add_embeddings();
        for (const float value : {0.5F, -0.25F, 1.F, 0.F, 0.125F}) vector.add_values(value);
      }
      *response.mutable_completion() = SomeCompletion();
      return absl::OkStatus();
    };
  }

  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    arguments.insert(arguments.begin(), {"--address", server_.address(), "embed"});
    return RunTessera(std::move(arguments), std::move(options));
  }

  api::EmbedRequest request_;
  FakeServer server_;
};

TEST_F(EmbedCommandTest, PrintsAListOfNumbersForEachText) {
  const ProcessResult result =
      Run({"a", "-", "--model", "m", "--dimensions", "5", "--truncate", "--cache", "refresh"},
          {.input = "b\n\nc\n"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string line = "[0.5,-0.25,1,0,0.125]\n";
  EXPECT_EQ(result.out, line + line + line);
  EXPECT_THAT(request_.texts(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(request_.model(), "m");
  EXPECT_EQ(request_.dimensions(), 5);
  EXPECT_TRUE(request_.truncate());
  EXPECT_EQ(request_.cache_policy(), api::CACHE_POLICY_REFRESH);
}

TEST_F(EmbedCommandTest, PrintsTheResponseIfAsked) {
  const ProcessResult result = Run({"a", "--model", "m", "--json"});
  const auto document = nlohmann::json::parse(result.out, nullptr, false);
  EXPECT_EQ(document["embeddings"][0]["values"].size(), 5) << result.out;
}

TEST_F(EmbedCommandTest, SaysWhatToDoWhenTheModelMakesNoVectors) {
  const ProcessResult result = Run({"a", "--model", "talking"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("MODEL_LACKS_CAPABILITY"));
}

TEST_F(EmbedCommandTest, NeedsAModelAndATextAndAKnownPolicy) {
  EXPECT_EQ(Run({"a"}).exit_code, 2);
  EXPECT_EQ(Run({"--model", "m"}).exit_code, 2);
  const ProcessResult result = Run({"a", "--model", "m", "--cache", "perhaps"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("off|use|refresh"));
}

}  // namespace
}  // namespace tessera::cli
