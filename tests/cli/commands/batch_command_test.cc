// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;
using nlohmann::json;
using ::testing::HasSubstr;

class BatchCommandTest : public ::testing::Test {
 protected:
  BatchCommandTest() {
    server_.inference.on_batch_item = [this](const api::BatchRequest& item) {
      items_.push_back(item);
      api::BatchResponse result;
      if (item.id() == "bad") {
        const auto error = ToGrpcStatus(
            MakeError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID", "is wrong"));
        result.mutable_error()->ParseFromString(error.error_details());
      } else {
        result.mutable_generate()->set_text("to " + item.id());
      }
      return result;
    };
  }

  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    arguments.insert(arguments.begin(), {"--address", server_.address(), "batch"});
    return RunTessera(std::move(arguments), std::move(options));
  }

  static std::vector<json> Lines(const std::string& text) {
    std::vector<json> documents;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      documents.push_back(json::parse(line, nullptr, false));
    }
    return documents;
  }

  std::vector<api::BatchRequest> items_;
  FakeServer server_;
};

TEST_F(BatchCommandTest, PrintsAResultForEachItem) {
  const std::string picture = TemporaryFile("b.jpg", "picture");
  std::string input;
  for (int i = 0; i < 10; ++i) {
    input +=
        json{{"id", "i" + std::to_string(i)}, {"prompt", "Why?"}, {"pictures", {picture}}}.dump() +
        "\n";
  }
  const ProcessResult result = Run({"-"}, {.input = input});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const auto documents = Lines(result.out);
  ASSERT_EQ(documents.size(), 10) << result.out;
  EXPECT_EQ(documents[9]["generate"]["text"], "to i9");
  ASSERT_EQ(items_.size(), 10);
  EXPECT_EQ(items_[0].generate().messages(0).images(0).content(), "picture");
}

TEST_F(BatchCommandTest, AnItemThatFailedIsAResultToo) {
  const std::string path = TemporaryFile("items.jsonl",
                                         "{\"id\": \"bad\", \"prompt\": \"x\"}\n"
                                         "{\"id\": \"good\", \"prompt\": \"x\"}\n");
  const ProcessResult result = Run({path});
  EXPECT_EQ(result.exit_code, 1);
  const auto documents = Lines(result.out);
  ASSERT_EQ(documents.size(), 2) << result.out;
  EXPECT_EQ(documents[0]["error"]["message"], "is wrong") << result.out;
  EXPECT_THAT(documents[0]["error"].dump(), HasSubstr("FIELD_INVALID"));
  EXPECT_EQ(documents[1]["generate"]["text"], "to good");
  EXPECT_THAT(result.err, HasSubstr("1 item of 2 failed"));
}

TEST_F(BatchCommandTest, SendsNothingWhenALineIsWrong) {
  const ProcessResult result = Run({"-"}, {.input = "{\"prompt\": \"x\"}\nnonsense\n"});
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_THAT(result.err, HasSubstr("line 2"));
  EXPECT_TRUE(items_.empty());
}

TEST_F(BatchCommandTest, APictureThatIsNotThereEndsIt) {
  const ProcessResult result =
      Run({"-"}, {.input = "{\"prompt\": \"x\", \"pictures\": [\"/no/such/file.jpg\"]}\n"});
  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_THAT(result.err, HasSubstr("/no/such/file.jpg"));
}

}  // namespace
}  // namespace tessera::cli
