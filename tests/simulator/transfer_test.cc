// SPDX-License-Identifier: Apache-2.0
//
// Pull, create, blobs, and what a model's files look like from outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulator/ollama_simulator.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class TransferTest : public testing::Test {
 protected:
  void Start(OllamaSimulator::Options options) {
    ModelSpec far;
    far.name = "far:1b";
    far.size_bytes = 1'000'000;
    options.registry.push_back(far);
    ModelSpec f16;
    f16.name = "text:f16";
    f16.quantization = "F16";
    options.models.push_back(f16);
    simulator_ = OllamaSimulator::Start(std::move(options)).value();
  }
  RawResponse Post(const std::string& path, const std::string& body) {
    return CallOnce(simulator_->port(), "POST", path, body);
  }
  std::unique_ptr<OllamaSimulator> simulator_;
};

TEST_F(TransferTest, PullReportsProgressEvery60Milliseconds) {
  OllamaSimulator::Options options;
  options.pull_bytes_per_second = 5'000'000;
  Start(options);
  const auto start = std::chrono::steady_clock::now();
  const RawResponse response = Post("/api/pull", R"({"model":"far:1b"})");
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(180));
  const auto lines = response.Lines();
  ASSERT_GE(lines.size(), 8u);
  EXPECT_EQ(lines.front(), R"({"status":"pulling manifest"})");
  EXPECT_THAT(lines[1], AllOf(HasSubstr(R"("digest":"sha256:)"), HasSubstr(R"("total":1000000)"),
                              Not(HasSubstr("completed"))));
  EXPECT_THAT(lines[lines.size() - 4], HasSubstr(R"("completed":1000000)"));
  EXPECT_EQ(lines[lines.size() - 3], R"({"status":"verifying sha256 digest"})");
  EXPECT_EQ(lines.back(), R"({"status":"success"})");
  EXPECT_EQ(Post("/api/show", R"({"model":"far:1b"})").status, 200);
  // What is there already is one line.
  EXPECT_THAT(Post("/api/pull", R"({"model":"far:1b"})").Lines(), SizeIs(5));
}

TEST_F(TransferTest, AnInterruptedPullGoesOnWhereItStopped) {
  OllamaSimulator::Options options;
  options.pull_bytes_per_second = 2'000'000;
  Start(options);
  RawHttpClient client(simulator_->port());
  client.SendRequest("POST", "/api/pull", R"({"model":"far:1b"})");
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.lines_sent >= 4; }));
  client.Close();
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.clients_gone == 1; }));
  const RawResponse again = Post("/api/pull", R"({"model":"far:1b"})");
  EXPECT_THAT(again.Lines()[1], HasSubstr("\"completed\":"));
  EXPECT_EQ(again.Lines().back(), R"({"status":"success"})");
}

TEST_F(TransferTest, PullFailuresAreLinesOrA500) {
  OllamaSimulator::Options options;
  options.registry_reachable = false;
  Start(options);
  const RawResponse streamed = Post("/api/pull", R"({"model":"llama3.2"})");
  EXPECT_EQ(streamed.status, 200);
  EXPECT_THAT(streamed.Lines()[1], HasSubstr("pull model manifest: Get"));
  const RawResponse unary = Post("/api/pull", R"({"model":"llama3.2","stream":false})");
  EXPECT_EQ(unary.status, 500);
  EXPECT_EQ(unary.Header("Content-Type"), "application/json");
}

TEST_F(TransferTest, APullCanFailHalfWay) {
  Start({});
  simulator_->Script(
      {.path = "/api/pull",
       .answer =
           ParseAnswerScript(R"(fault="error:2:write blob: no space left on device")").value()});
  const RawResponse response = Post("/api/pull", R"({"model":"far:1b"})");
  EXPECT_EQ(response.Lines().back(), R"({"error":"write blob: no space left on device"})");
  EXPECT_EQ(Post("/api/show", R"({"model":"far:1b"})").status, 404);
}

TEST_F(TransferTest, BlobsAreCheckedAgainstTheirDigest) {
  Start({});
  const std::string digest = "sha256:" + DigestOf("the bytes");
  const std::string path = "/api/blobs/" + digest;
  EXPECT_EQ(CallOnce(simulator_->port(), "HEAD", path).status, 404);
  EXPECT_THAT(Post(path, "other bytes").body, HasSubstr("digest mismatch, expected"));
  EXPECT_EQ(Post(path, "the bytes").status, 201);
  EXPECT_EQ(Post(path, "the bytes").status, 200);
  EXPECT_EQ(CallOnce(simulator_->port(), "HEAD", path).status, 200);
  EXPECT_EQ(Post("/api/blobs/sha256:12", "x").body, R"({"error":"invalid digest format"})");
}

TEST_F(TransferTest, AnUploadIsInvitedWith100Continue) {
  Start({});
  const std::string bytes(1'000'000, 'b');
  RawHttpClient client(simulator_->port());
  client.SendBytes("POST /api/blobs/sha256:" + DigestOf(bytes) +
                   " HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: " +
                   std::to_string(bytes.size()) + "\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.SendBytes(bytes);
  EXPECT_EQ(client.Read().status, 201);
}

TEST_F(TransferTest, CreateFromFilesNeedsTheirBlobs) {
  Start({});
  const std::string digest = "sha256:" + DigestOf("gguf");
  const std::string body =
      R"({"model":"made","files":{"text.gguf":")" + digest + R"("},"quantize":"q8_0"})";
  EXPECT_EQ(Post("/api/create", body).status, 500);
  EXPECT_EQ(Post("/api/blobs/" + digest, "gguf").status, 201);
  const RawResponse response = Post("/api/create", body);
  EXPECT_EQ(response.Lines().front(), R"({"status":"verifying conversion"})");
  EXPECT_EQ(response.Lines().back(), R"({"status":"success"})");
  EXPECT_THAT(Post("/api/show", R"({"model":"made"})").body,
              HasSubstr(R"("quantization_level":"Q8_0")"));
}

TEST_F(TransferTest, QuantizationNeedsAFullPrecisionSource) {
  Start({});
  EXPECT_EQ(
      Post("/api/create", R"({"model":"q4","from":"text:f16","quantize":"q4_K_M"})").Lines().back(),
      R"({"status":"success"})");
  EXPECT_EQ(Post("/api/create", R"({"model":"q8","from":"q4","quantize":"q8_0"})").body,
            R"({"error":"quantization is only supported for F16, BF16 and F32 models"})");
  EXPECT_EQ(
      Post("/api/create", R"({"model":"q5","from":"text:f16","quantize":"q5_K_M"})").body,
      R"({"error":"unsupported quantization type Q5_K_M - supported types are F32, F16, Q4_K_S, Q4_K_M, Q8_0"})");
}

TEST_F(TransferTest, CopiesAnswerAndDeletedModelsGoOnRunning) {
  Start({});
  EXPECT_EQ(Post("/api/copy", R"({"source":"TESSERA-mini:latest","destination":"copy"})").status,
            200);
  EXPECT_EQ(Post("/api/generate", R"({"model":"copy","prompt":"x"})").status, 200);
  EXPECT_EQ(CallOnce(simulator_->port(), "DELETE", "/api/delete", R"({"model":"copy"})").status,
            200);
  EXPECT_EQ(Post("/api/generate", R"({"model":"copy","prompt":"x"})").status, 404);
  EXPECT_THAT(CallOnce(simulator_->port(), "GET", "/api/ps").body, HasSubstr("\"copy:latest\""));
}

TEST_F(TransferTest, ShowTellsRendererOnlyInTheModelfile) {
  Start({});
  const RawResponse show = Post("/api/show", R"({"model":"qwen3-vl:4b"})");
  EXPECT_THAT(show.body, HasSubstr("\\nRENDERER qwen3-vl-instruct\\nPARSER qwen3-vl-instruct"));
  EXPECT_THAT(show.body, HasSubstr(R"("parameters":"num_ctx                        8192")"));
  EXPECT_THAT(show.body, HasSubstr(R"("qwen3vl.attention.head_count_kv":8)"));
  EXPECT_THAT(show.body, HasSubstr(R"("projector_info":)"));
  EXPECT_THAT(show.body, Not(HasSubstr("\"renderer\"")));
}

}  // namespace
}  // namespace tessera::simulator
