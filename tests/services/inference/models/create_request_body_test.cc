// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/create_request_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

namespace api = model::v1;
using ::tessera::testing::IsInvalidField;

const std::string kDigest = "sha256:" + std::string(64, 'a');

api::CreateModelRequest From(const std::string& base) {
  api::CreateModelRequest request;
  request.set_model("mine:v1");
  request.set_from(base);
  return request;
}

void Set(api::CreateModelRequest& request, const std::string& name, const std::string& value) {
  api::ModelParameter* const parameter = request.add_parameters();
  parameter->set_name(name);
  parameter->set_value(value);
}

nlohmann::json Body(const api::CreateModelRequest& request) {
  const auto body = MakeCreateRequestBody(request);
  EXPECT_TRUE(body.ok()) << body.status();
  return body.ok() ? nlohmann::json::parse(*body) : nlohmann::json();
}

TEST(CreateRequestBodyTest, GivesEachParameterTheTypeThatTheEngineWants) {
  api::CreateModelRequest request = From("base");
  Set(request, "num_ctx", "8192");
  Set(request, "temperature", "0.2");
  Set(request, "use_mmap", "false");
  Set(request, "stop", "<|im_end|>");
  Set(request, "stop", "### \"end\"");
  EXPECT_EQ(Body(request), nlohmann::json::parse(R"({
      "model": "mine:v1", "from": "base", "stream": true,
      "parameters": {"num_ctx": 8192, "temperature": 0.2, "use_mmap": false,
                     "stop": ["<|im_end|>", "### \"end\""]}})"));
}

TEST(CreateRequestBodyTest, CarriesEverythingElse) {
  api::CreateModelRequest request;
  request.set_model("mine");
  request.add_files()->set_name("text.gguf");
  request.mutable_files(0)->set_digest(kDigest);
  request.add_adapters()->set_name("lora.gguf");
  request.mutable_adapters(0)->set_digest(kDigest);
  request.set_template_("{{ .Prompt }}");
  request.set_system("Be brief.");
  request.add_licenses("MIT");
  request.set_renderer("qwen3-vl-instruct");
  request.set_parser("qwen3-vl-instruct");
  request.set_quantize("q4_K_M");
  api::ExampleMessage* const message = request.add_messages();
  message->set_role("user");
  message->set_text("hello");
  const nlohmann::json body = Body(request);
  EXPECT_EQ(body["files"], (nlohmann::json{{"text.gguf", kDigest}}));
  EXPECT_EQ(body["adapters"], (nlohmann::json{{"lora.gguf", kDigest}}));
  EXPECT_EQ(body["template"], "{{ .Prompt }}");
  EXPECT_EQ(body["system"], "Be brief.");
  EXPECT_EQ(body["license"], nlohmann::json::array({"MIT"}));
  EXPECT_EQ(body["renderer"], "qwen3-vl-instruct");
  EXPECT_EQ(body["parser"], "qwen3-vl-instruct");
  EXPECT_EQ(body["quantize"], "q4_K_M");
  EXPECT_EQ(body["messages"][0], (nlohmann::json{{"role", "user"}, {"content", "hello"}}));
}

TEST(CreateRequestBodyTest, NamesTheFieldThatIsWrong) {
  api::CreateModelRequest request;
  EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("model"));
  request.set_model("mine");
  EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("from"));
  request.set_from("base");
  Set(request, "num_ctx", "many");
  EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("parameters"));
  request.clear_parameters();
  Set(request, "colour", "red");
  EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("parameters"));
  request.clear_parameters();
  Set(request, "temperature", "nan");
  EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("parameters"));
  request.clear_parameters();
  request.add_messages()->set_role("tool");
  EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("messages"));
}

TEST(CreateRequestBodyTest, RefusesFilesOutsideTheModel) {
  for (const char* const name : {"", "/etc/passwd", "../up", "a/../../b", "a\\b"}) {
    api::CreateModelRequest request;
    request.set_model("mine");
    request.add_files()->set_name(name);
    request.mutable_files(0)->set_digest(kDigest);
    EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("files")) << name;
  }
}

TEST(CreateRequestBodyTest, RefusesDigestsThatAreNone) {
  api::CreateModelRequest request;
  request.set_model("mine");
  request.add_files()->set_name("a.gguf");
  request.mutable_files(0)->set_digest("sha256:123");
  EXPECT_THAT(MakeCreateRequestBody(request), IsInvalidField("files"));
}

}  // namespace
}  // namespace tessera::inference
