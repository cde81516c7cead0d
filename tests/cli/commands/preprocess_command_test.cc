// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/tessera_process.h"

namespace tessera::cli {
namespace {

namespace api = preprocess::v1;
using ::testing::HasSubstr;

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class PreprocessCommandTest : public ::testing::Test {
 protected:
  PreprocessCommandTest() {
    server_.preprocess.on_preprocess = [this](const api::PreprocessImageRequest& request,
                                              api::PreprocessImageResponse& response) {
      request_ = request;
      image::v1::PreparedImage& image = *response.mutable_image();
      image.set_data(prepared_);
      image.set_encoding(request.options().encoding());
      image.set_width_px(768);
      image.set_height_px(576);
      image.set_pixel_digest(std::string(32, '\xAB'));
      image.mutable_prompt_tokens()->set_ollama_legacy(434);
      image.mutable_prompt_tokens()->set_ollama_current(1026);
      *image.mutable_source() = SomeSummary(0).source();
      image.mutable_source()->set_orientation(6);
      image.mutable_source()->set_colour_space("srgb");
      image.mutable_plan()->set_decoder("libvips");
      auto& stage = *image.add_stage_times();
      stage.set_stage("decode");
      *stage.mutable_duration() = ToProto(absl::Milliseconds(21));
      return absl::OkStatus();
    };
  }

  ProcessResult Run(std::vector<std::string> arguments, ProcessOptions options = {}) {
    arguments.insert(arguments.begin(), {"--address", server_.address(), "preprocess"});
    return RunTessera(std::move(arguments), std::move(options));
  }

  api::PreprocessImageRequest request_;
  const std::string prepared_ = std::string("\xff\xd8\0\n prepared", 13);
  const std::string in_ = TemporaryFile("in.jpg", "a file");
  const std::string out_ = TemporaryFile("out.jpg", "");
  FakeServer server_;
};

TEST_F(PreprocessCommandTest, WritesThePictureAndSaysWhatBecameOfIt) {
  const ProcessResult result = Run({in_, out_});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Content(out_), prepared_);
  EXPECT_EQ(request_.content(), "a file");
  EXPECT_THAT(result.out, HasSubstr("source    jpeg 4000x3000, 3.2 MiB, srgb, orientation 6\n"));
  EXPECT_THAT(result.out, HasSubstr("prepared  jpeg 768x576, 13 B\n"));
  EXPECT_THAT(result.out, HasSubstr("digest    abababab"));
  EXPECT_THAT(result.out, HasSubstr("stages    decode 21.0 ms\n"));
}

TEST_F(PreprocessCommandTest, PassesOptionsOn) {
  Run({in_, out_, "--max-side", "512", "--quality", "80", "--encoding", "png"});
  EXPECT_EQ(request_.options().max_side_px(), 512u);
  EXPECT_EQ(request_.options().jpeg_quality(), 80u);
  EXPECT_EQ(request_.options().encoding(), image::v1::IMAGE_ENCODING_PNG);
  Run({in_, out_});
  EXPECT_FALSE(request_.options().has_max_side_px());
  EXPECT_EQ(request_.options().encoding(), image::v1::IMAGE_ENCODING_JPEG);
}

TEST_F(PreprocessCommandTest, PassesTheSizePolicyOn) {
  Run({in_, out_, "--size-policy", "engine-fit:ollama-current", "--kernel", "bicubic"});
  EXPECT_EQ(request_.options().engine_fit().engine(), image::v1::ENGINE_OLLAMA_CURRENT);
  EXPECT_EQ(request_.options().kernel(), image::v1::KERNEL_BICUBIC);
  const ProcessResult result = Run({in_, out_, "--size-policy", "square"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--size-policy 'square' is none of"));
}

TEST_F(PreprocessCommandTest, TakesTheEncodingFromTheNameOfTheOutput) {
  const std::string png = TemporaryFile("out.png", "");
  Run({in_, png});
  EXPECT_EQ(request_.options().encoding(), image::v1::IMAGE_ENCODING_PNG);
  Run({in_, png, "--encoding", "jpeg"});
  EXPECT_EQ(request_.options().encoding(), image::v1::IMAGE_ENCODING_JPEG);
}

TEST_F(PreprocessCommandTest, WorksInsideAPipe) {
  const ProcessResult result = Run({"-", "-"}, {.input = "piped"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(request_.content(), "piped");
  EXPECT_EQ(result.out, prepared_);
  EXPECT_THAT(result.err, HasSubstr("prepared  jpeg 768x576, 13 B\n"));
}

TEST_F(PreprocessCommandTest, MakesADocumentWithoutThePictureItself) {
  const ProcessResult result = Run({in_, out_, "--json"});
  const auto document = nlohmann::json::parse(result.out);
  EXPECT_EQ(document["in"], in_);
  EXPECT_EQ(document["sizeBytes"], 13);
  EXPECT_EQ(document["widthPx"], 768);
  EXPECT_EQ(document["source"]["orientation"], 6);
  EXPECT_FALSE(document.contains("data"));
  EXPECT_EQ(nlohmann::json::parse(Run({in_, "-", "--json"}).err)["out"], "-");
}

TEST_F(PreprocessCommandTest, DoesNotWriteAPictureToATerminal) {
  const ProcessResult result = Run({in_, "-"}, {.out_is_terminal = true});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("a picture is not written to a terminal"));
}

TEST_F(PreprocessCommandTest, LeavesTheOutputAloneWhenThePictureIsRefused) {
  server_.preprocess.on_preprocess = [](const auto&, auto&) {
    return MakeError(absl::StatusCode::kInvalidArgument, "IMAGE_FORMAT_UNSUPPORTED",
                     "looks like a PDF");
  };
  const std::string kept = TemporaryFile("kept.jpg", "kept");
  const ProcessResult result = Run({in_, kept});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(Content(kept), "kept");
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("Convert the picture to JPEG"));
}

TEST_F(PreprocessCommandTest, SaysWhyTheOutputCannotBeWritten) {
  const ProcessResult result = Run({in_, "/no/such/folder/out.jpg"});
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr("error: write /no/such/folder/out.jpg failed"));
  EXPECT_EQ(Run({in_, out_, "--encoding", "gif"}).exit_code, 2);
  EXPECT_EQ(Run({in_}).exit_code, 2);
}

}  // namespace
}  // namespace tessera::cli
