// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "common/status/error.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

namespace api = inference::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class ClassifyCommandTest : public ::testing::Test {
 protected:
  ClassifyCommandTest() {
    server_.inference.on_classify = [this](const api::ClassifyRequest& request,
                                           api::ClassifyResponse& response) {
      requests_.push_back(request);
      if (request.images_size() == 1 && request.images(0).content() == "bad") {
        return MakeError(absl::StatusCode::kInvalidArgument, "IMAGE_CORRUPT", "cannot be decoded");
      }
      response.set_label(request.labels(0));
      response.set_confidence(0.98125);
      *response.mutable_completion() = SomeCompletion();
      for (int i = 0; i < request.images_size(); ++i) *response.add_images() = SomeSummary(i);
      return absl::OkStatus();
    };
  }

  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    arguments.insert(arguments.begin(), {"--address", server_.address(), "classify"});
    return RunTessera(std::move(arguments), std::move(options));
  }

  std::vector<api::ClassifyRequest> requests_;
  const std::string good_ = TemporaryFile("good.jpg", "good");
  const std::string bad_ = TemporaryFile("bad.jpg", "bad");
  FakeServer server_;
};

TEST_F(ClassifyCommandTest, PrintsOnePlainLineInAPipe) {
  const ProcessResult result =
      Run({good_, "--labels", "photo, document", "--text", "What is it?", "--model", "m"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, good_ + "\tphoto\t0.9812\n");
  EXPECT_EQ(result.err, "");
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_THAT(requests_[0].labels(), ElementsAre("photo", "document"));
  EXPECT_EQ(requests_[0].text(), "What is it?");
  EXPECT_EQ(requests_[0].model(), "m");
  EXPECT_EQ(requests_[0].images(0).content(), "good");
  EXPECT_EQ(requests_[0].request_id().size(), 16u);
}

TEST_F(ClassifyCommandTest, SendsEachPictureInItsOwnRequestAndGoesOnAfterAFailure) {
  const ProcessResult result = Run({good_, bad_, good_, "--labels", "a,b"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.out, good_ + "\ta\t0.9812\n" + good_ + "\ta\t0.9812\n");
  EXPECT_THAT(result.err, HasSubstr("error: classify " + bad_ + " failed\n"));
  EXPECT_THAT(result.err, HasSubstr("reason   IMAGE_CORRUPT\n"));
  EXPECT_THAT(result.err, HasSubstr("request  "));
  EXPECT_EQ(requests_.size(), 3u);
}

TEST_F(ClassifyCommandTest, SendsAllPicturesTogetherIfAsked) {
  const ProcessResult result = Run({good_, bad_, "--together", "--labels", "a,b"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, good_ + " and 1 more\ta\t0.9812\n");
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_EQ(requests_[0].images_size(), 2);
}

TEST_F(ClassifyCommandTest, ClassifiesATextWithoutAPicture) {
  const ProcessResult result =
      Run({"--text", "never came", "--label", "praise", "--label", "blame"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, "text\tpraise\t0.9812\n");
  EXPECT_EQ(requests_[0].images_size(), 0);
  EXPECT_THAT(requests_[0].labels(), ElementsAre("praise", "blame"));
}

TEST_F(ClassifyCommandTest, SaysWhenTheConfidenceIsNotKnown) {
  server_.inference.on_classify = [](const api::ClassifyRequest&, api::ClassifyResponse& response) {
    response.set_label("a\tb\x1b[1m");
    return absl::OkStatus();
  };
  EXPECT_EQ(Run({good_, "--labels", "x"}).out, good_ + "\ta\\tb\\x1b[1m\t-\n");
}

TEST_F(ClassifyCommandTest, MakesOneDocumentPerPicture) {
  const ProcessResult result = Run({good_, bad_, good_, "--labels", "a,b", "--json"});
  EXPECT_EQ(result.exit_code, 1);
  std::istringstream lines(result.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto document = nlohmann::json::parse(line);
    EXPECT_EQ(document["pictures"], nlohmann::json::array({good_}));
    EXPECT_EQ(document["label"], "a");
    EXPECT_EQ(document["confidence"], 0.98125);
    EXPECT_EQ(document["completion"]["usage"]["outputTokens"], 12);
    EXPECT_EQ(document["images"][0]["widthPx"], 768);
    EXPECT_GT(document["client"]["totalSeconds"], 0.0);
    EXPECT_EQ(document["client"]["engineTokensPerSecond"], 100.0);
  }
  EXPECT_EQ(count, 2);
  const auto error = nlohmann::json::parse(result.err)["error"];
  EXPECT_EQ(error["reason"], "IMAGE_CORRUPT");
  EXPECT_EQ(error["what"], "classify " + bad_);
  EXPECT_EQ(error["exitCode"], 1);
}

TEST_F(ClassifyCommandTest, ShowsTimingsOnStandardError) {
  const ProcessResult result = Run({good_, "--labels", "a,b", "--timings"});
  EXPECT_EQ(result.out, good_ + "\ta\t0.9812\n");
  EXPECT_THAT(result.err, HasSubstr("picture 1"));
  EXPECT_THAT(result.err, HasSubstr("jpeg 4000x3000, 3.2 MiB -> 768x576"));
  EXPECT_THAT(result.err, HasSubstr("preprocess               46.0 ms"));
  EXPECT_THAT(result.err, HasSubstr("engine decode           120.0 ms"));
  EXPECT_THAT(result.err, HasSubstr("engine's counter  100.0 tokens/s"));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
}

TEST_F(ClassifyCommandTest, ReadsAPictureFromStandardInput) {
  EXPECT_EQ(Run({"-", "--labels", "a,b"}, {.input = "good"}).out, "-\ta\t0.9812\n");
  EXPECT_EQ(requests_[0].images(0).content(), "good");
}

TEST_F(ClassifyCommandTest, SaysWhichFileCannotBeReadAndDoesTheOthers) {
  const ProcessResult result =
      Run({"/no/such.jpg", ::testing::TempDir(), good_, "--labels", "a,b"});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_EQ(result.out, good_ + "\ta\t0.9812\n");
  EXPECT_THAT(result.err, HasSubstr("reason   FILE_NOT_FOUND"));
  EXPECT_THAT(result.err, HasSubstr("reason   FILE_IS_DIRECTORY"));
  EXPECT_EQ(requests_.size(), 1u);
}

TEST_F(ClassifyCommandTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(Run({good_}).exit_code, 2);
  EXPECT_EQ(Run({"--labels", "a,b"}).exit_code, 2);
  EXPECT_EQ(Run({"-", "-", "--labels", "a,b"}).exit_code, 2);
  EXPECT_EQ(Run({good_, "--labels", "\xff"}).exit_code, 2);
  EXPECT_TRUE(requests_.empty());
}

TEST_F(ClassifyCommandTest, LeavesLabelsToTheServer) {
  server_.inference.on_classify = [](const api::ClassifyRequest& request, api::ClassifyResponse&) {
    EXPECT_EQ(request.labels_size(), 0);
    return MakeError(absl::StatusCode::kInvalidArgument, "LABELS_EMPTY", "there is no label");
  };
  const ProcessResult result = Run({good_, "--labels", ""});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("Give at least one label: --labels cat,dog."));
}

TEST_F(ClassifyCommandTest, DescribesLabelsAndLetsSeveralFit) {
  server_.inference.on_classify = [this](const api::ClassifyRequest& request,
                                         api::ClassifyResponse& response) {
    requests_.push_back(request);
    for (const char* label : {"b", "a"}) response.add_labels()->set_label(label);
    response.mutable_labels(0)->set_confidence(0.5);
    response.set_label("b");
    return absl::OkStatus();
  };
  const ProcessResult result = Run({good_, "--labels", "a,b", "--describe", "b=means = b",
                                    "--several", "2", "--or-none", "--cache", "off"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.out, good_ + "\tb\t0.5000\n" + good_ + "\ta\t-\n");
  ASSERT_EQ(requests_.size(), 1u);
  EXPECT_THAT(requests_[0].label_descriptions(), ElementsAre("", "means = b"));
  EXPECT_EQ(requests_[0].max_labels(), 2);
  EXPECT_TRUE(requests_[0].allow_none());
  EXPECT_EQ(requests_[0].cache_policy(), api::CACHE_POLICY_OFF);
}

TEST_F(ClassifyCommandTest, NoLabelIsADash) {
  server_.inference.on_classify = [](const api::ClassifyRequest&, api::ClassifyResponse&) {
    return absl::OkStatus();
  };
  const ProcessResult result = Run({good_, "--labels", "a,b", "--or-none"});
  EXPECT_EQ(result.out, good_ + "\t-\t-\n");
}

TEST_F(ClassifyCommandTest, RefusesDescriptionsOfNoLabel) {
  for (const char* text : {"c=what", "a"}) {
    const ProcessResult result = Run({good_, "--labels", "a,b", "--describe", text});
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.err, HasSubstr("--describe"));
  }
}

}  // namespace
}  // namespace tessera::cli
