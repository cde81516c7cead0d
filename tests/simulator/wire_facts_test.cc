// SPDX-License-Identifier: Apache-2.0
//
// Short exchanges with a real Ollama, as facts: what goes in, which status, type, framing and body
// come out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "simulator/ollama_simulator.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

enum class Framing { kCounted, kChunked };

struct Fact {
  std::string name;
  std::string method;
  std::string path;
  std::string body;
  int status;
  std::string type;  // empty: no Content-Type
  Framing framing;
  std::string answer;  // a regular expression if it has a .* in it
};

constexpr char kJson[] = "application/json; charset=utf-8";
constexpr char kPlainJson[] = "application/json";
constexpr char kLines[] = "application/x-ndjson";
constexpr auto kCounted = Framing::kCounted;
constexpr auto kChunked = Framing::kChunked;

// A picture of 4 bytes that no engine can load; base64 of it.
constexpr char kNoPicture[] = "AAECAw==";

const Fact kFacts[] = {
    {"Root", "GET", "/", "", 200, "text/plain; charset=utf-8", kCounted, "Ollama is running"},
    {"Version", "GET", "/api/version", "", 200, kJson, kCounted, R"({"version":"0.33.0"})"},
    {"PsEmpty", "GET", "/api/ps", "", 200, kJson, kCounted, R"({"models":[]})"},
    {"NotFoundPath", "GET", "/api/nothing", "", 404, "text/plain", kCounted, "404 page not found"},
    {"MethodNotAllowed", "GET", "/api/generate", "", 405, "text/plain", kCounted,
     "405 method not allowed"},
    {"BodyMissing", "POST", "/api/generate", "", 400, kJson, kCounted,
     R"({"error":"missing request body"})"},
    {"BodyBadJson", "POST", "/api/generate", R"({"model":)", 400, kJson, kCounted,
     R"({"error":"unexpected EOF"})"},
    {"BodyWrongType", "POST", "/api/generate", R"({"model":5})", 400, kJson, kCounted,
     R"({"error":"json: cannot unmarshal number into Go struct field GenerateRequest.model of type string"})"},
    {"ModelMissingChat", "POST", "/api/chat",
     R"({"model":"nope","messages":[{"role":"user","content":"x"}]})", 404, kJson, kCounted,
     R"({"error":"model 'nope' not found"})"},
    {"ModelMissingGenerate", "POST", "/api/generate", R"({"model":"nope","prompt":"x"})", 404,
     kJson, kCounted, R"({"error":"model 'nope' not found"})"},
    {"ModelMissingEmbed", "POST", "/api/embed", R"({"model":"nope","input":"x"})", 404, kJson,
     kCounted, R"({"error":"model \"nope\" not found, try pulling it first"})"},
    {"ModelEmptyChat", "POST", "/api/chat", R"({"model":"","messages":[]})", 400, kJson, kCounted,
     R"({"error":"model is required"})"},
    {"ModelEmptyGenerate", "POST", "/api/generate", R"({"model":"","prompt":"x"})", 404, kJson,
     kCounted, R"({"error":"model '' not found"})"},
    {"ShowMissing", "POST", "/api/show", R"({"model":"nope"})", 404, kJson, kCounted,
     R"({"error":"model 'nope:latest' not found"})"},
    {"KeepAliveBad", "POST", "/api/generate", R"({"model":"text","prompt":"x","keep_alive":"30"})",
     400, kJson, kCounted, R"({"error":"time: missing unit in duration \"30\""})"},
    {"OptionBadType", "POST", "/api/generate",
     R"({"model":"text","prompt":"x","options":{"num_ctx":"big"}})", 500, kJson, kCounted,
     R"({"error":"option \"num_ctx\" must be of type integer"})"},
    {"FormatBad", "POST", "/api/generate", R"({"model":"text","prompt":"x","format":"yaml"})", 500,
     kJson, kCounted,
     R"({"error":"invalid format: \"\\\"yaml\\\"\"; expected \"json\" or a valid JSON Schema object"})"},
    {"ThinkUnsupported", "POST", "/api/chat",
     R"({"model":"text","messages":[{"role":"user","content":"hi"}],"think":true})", 400, kJson,
     kCounted, R"({"error":"\"text\" does not support thinking"})"},
    {"BadBase64", "POST", "/api/generate", R"({"model":"vision","prompt":"d","images":["%no%"]})",
     400, kJson, kCounted, R"({"error":"illegal base64 data at input byte 0"})"},
    {"BadImage", "POST", "/api/generate",
     std::string(R"({"model":"vision","prompt":"d","images":[")") + kNoPicture + R"("]})", 400,
     kPlainJson, kChunked,
     R"({"error":"{\"error\":{\"code\":400,\"message\":\"Failed to load image or audio file\",\"type\":\"invalid_request_error\"}}"})"},
    {"ImageToTextModelChat", "POST", "/api/chat",
     std::string(R"({"model":"text","messages":[{"role":"user","content":"d","images":[")") +
         kNoPicture + R"("]}]})",
     500, kPlainJson, kChunked,
     R"({"error":"{\"error\":{\"code\":500,\"message\":\"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj\",\"type\":\"server_error\"}}"})"},
    {"ImageToTextModelGenerate", "POST", "/api/generate",
     std::string(R"({"model":"text","prompt":"d","images":[")") + kNoPicture + R"("]})", 400,
     kPlainJson, kChunked,
     R"({"error":"{\"error\":{\"code\":400,\"message\":\"Multimodal data provided, but model does not support multimodal requests.\",\"type\":\"invalid_request_error\"}}"})"},
    {"LoadOnly", "POST", "/api/generate", R"({"model":"text","prompt":"","keep_alive":"30m"})", 200,
     kJson, kCounted,
     R"({"model":"text","created_at":".*Z","response":"","done":true,"done_reason":"load"})"},
    {"ChatEmptyLoads", "POST", "/api/chat", R"({"model":"text","messages":[]})", 200, kJson,
     kCounted,
     R"({"model":"text","created_at":".*Z","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"})"},
    {"Unload", "POST", "/api/generate", R"({"model":"text","prompt":"","keep_alive":0})", 200,
     kJson, kCounted,
     R"({"model":"text","created_at":".*Z","response":"","done":true,"done_reason":"unload"})"},
    {"EmbedUnsupported", "POST", "/api/embed", R"({"model":"text","input":["a","b"]})", 501, kJson,
     kCounted,
     R"({"error":"This server does not support embeddings. Start it with `--embeddings`"})"},
    {"Copy", "POST", "/api/copy", R"({"source":"text","destination":"copy:q8"})", 200, "", kCounted,
     ""},
    {"CopyMissing", "POST", "/api/copy", R"({"source":"nope","destination":"copy:q8"})", 404, kJson,
     kCounted, R"({"error":"model \"nope\" not found"})"},
    {"Delete", "DELETE", "/api/delete", R"({"model":"vision"})", 200, "", kCounted, ""},
    {"DeleteMissing", "DELETE", "/api/delete", R"({"model":"copy:q8"})", 404, kJson, kCounted,
     R"({"error":"model 'copy:q8' not found"})"},
    {"QuantizeRefused", "POST", "/api/create",
     R"({"model":"made:q4","from":"text","quantize":"q4_K_M"})", 500, kPlainJson, kChunked,
     R"({"error":"quantization is only supported for F16, BF16 and F32 models"})"},
    {"ChatUnary", "POST", "/api/chat",
     R"({"model":"text","messages":[{"role":"user","content":"hi"}],"stream":false,"options":{"num_predict":3}})",
     200, kJson, kCounted,
     R"({"model":"text","created_at":".*Z","message":{"role":"assistant","content":".*"},"done":true,"done_reason":"length","total_duration":.*,"load_duration":.*,"prompt_eval_count":.*,"prompt_eval_duration":.*000,"eval_count":3,"eval_duration":.*000})"},
    {"GenerateUnaryHasContext", "POST", "/api/generate",
     R"({"model":"text","prompt":"x","stream":false})", 200, kJson, kCounted,
     R"({"model":"text","created_at":".*Z","response":".*","done":true,"done_reason":"stop","context":\[.*\],"total_duration":.*})"},
    {"GenerateRawHasNone", "POST", "/api/generate",
     R"({"model":"text","prompt":"x","raw":true,"stream":false})", 200, kJson, kCounted,
     R"({"model":"text","created_at":".*Z","response":".*","done":true,"done_reason":"stop","total_duration":.*})"},
    {"PullFails", "POST", "/api/pull", R"({"model":"nope"})", 200, kLines, kChunked,
     "{\"status\":\"pulling manifest\"}\n{\"error\":\"pull model manifest: file does not "
     "exist\"}\n"},
    {"CreateFrom", "POST", "/api/create",
     R"({"model":"made:q8","from":"text","parameters":{"num_ctx":2048},"system":"be brief"})", 200,
     kLines, kChunked,
     "\\{\"status\":\"using existing layer sha256:.*\"\\}\n.*\\{\"status\":\"writing "
     "manifest\"\\}\n"
     "\\{\"status\":\"success\"\\}\n"},
};

class WireFactTest : public testing::TestWithParam<Fact> {
 protected:
  static OllamaSimulator::Options Options() {
    OllamaSimulator::Options options;
    ModelSpec text;
    text.name = "text:latest";
    ModelSpec vision;
    vision.name = "vision:latest";
    vision.capabilities = {"completion", "vision"};
    options.models = {text, vision};
    return options;
  }
};

// A brace is a brace in the facts; only what is written with a backslash or a .* is special.
std::string AsRegex(const std::string& answer) {
  if (answer.find("\\{") != std::string::npos) return answer;
  std::string regex;
  for (const char c : answer) {
    if (c == '{' || c == '}') regex += '\\';
    regex += c;
  }
  return regex;
}

TEST_P(WireFactTest, LooksLikeOllama) {
  const auto simulator = OllamaSimulator::Start(Options()).value();
  const Fact& fact = GetParam();
  const RawResponse response = CallOnce(simulator->port(), fact.method, fact.path, fact.body);
  EXPECT_EQ(response.end, ReadEnd::kComplete);
  EXPECT_EQ(response.status, fact.status);
  EXPECT_EQ(response.Header("Content-Type"), fact.type);
  EXPECT_THAT(response.Header("Date"), HasSubstr(" GMT"));
  EXPECT_EQ(response.headers.contains("Content-Length"), fact.framing == kCounted);
  EXPECT_EQ(response.Header("Transfer-Encoding"), fact.framing == kChunked ? "chunked" : "");
  if (fact.answer.find(".*") == std::string::npos) {
    EXPECT_EQ(response.body, fact.answer);
  } else {
    EXPECT_THAT(response.body, MatchesRegex(AsRegex(fact.answer)));
  }
}

INSTANTIATE_TEST_SUITE_P(Facts, WireFactTest, testing::ValuesIn(kFacts),
                         [](const auto& param) { return param.param.name; });

TEST(WireFormatTest, StreamHasOneLinePerChunkAndMetricsInTheLast) {
  const auto simulator = OllamaSimulator::Start({}).value();
  const RawResponse response = CallOnce(
      simulator->port(), "POST", "/api/chat",
      R"({"model":"llama3.2-custom","messages":[{"role":"user","content":"a <b> & c"}],"options":{"num_predict":4}})");
  EXPECT_EQ(response.Header("Content-Type"), kLines);
  ASSERT_EQ(response.chunks.size(), 5u);
  for (const std::string& chunk : response.chunks) {
    EXPECT_EQ(chunk.find('\n'), chunk.size() - 1);
  }
  EXPECT_THAT(response.chunks[2],
              MatchesRegex(R"(\{"model":"llama3.2-custom","created_at":".*Z","message":)"
                           R"(\{"role":"assistant","content":" \\u003cb\\u003e"\},"done":false\})"
                           "\n"));
  EXPECT_THAT(response.chunks[3], HasSubstr(R"("content":" \u0026")"));
  EXPECT_THAT(
      response.chunks[4],
      HasSubstr(
          R"("message":{"role":"assistant","content":""},"done":true,"done_reason":"length","total_duration":)"));
  EXPECT_THAT(response.chunks[4], HasSubstr(R"("prompt_eval_count":4,)"));
}

TEST(WireFormatTest, LongAnswersAreChunkedEvenWithoutStreaming) {
  const auto simulator = OllamaSimulator::Start({}).value();
  const RawResponse tags = CallOnce(simulator->port(), "GET", "/api/tags");
  EXPECT_EQ(tags.Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(tags.chunks.size(), 1u);
  EXPECT_THAT(
      tags.body,
      HasSubstr(
          R"("name":"llama3.2-custom:latest","model":"llama3.2-custom:latest","modified_at":")"));
  EXPECT_THAT(tags.body, HasSubstr(R"("capabilities":["completion","vision","tools"])"));
}

TEST(WireFormatTest, ForeignHostAndOriginGetAnEmpty403) {
  const auto simulator = OllamaSimulator::Start({}).value();
  for (const char* header : {"Host: evil.example\r\n", "Origin: http://evil.example\r\n"}) {
    const RawResponse response = CallOnce(simulator->port(), "GET", "/api/tags", "", header);
    EXPECT_EQ(response.status, 403) << header;
    EXPECT_EQ(response.Header("Content-Length"), "0");
    EXPECT_FALSE(response.headers.contains("Content-Type"));
  }
  for (const char* header :
       {"Host: localhost:11434\r\n", "Host: 10.1.2.3\r\n", "Host: a.internal:1\r\n",
        "Host: [::1]:11434\r\n", "Origin: http://localhost:3000\r\n"}) {
    EXPECT_EQ(CallOnce(simulator->port(), "GET", "/api/version", "", header).status, 200) << header;
  }
}

TEST(WireFormatTest, ConnectionsAreKeptUntilTheClientSaysClose) {
  const auto simulator = OllamaSimulator::Start({}).value();
  RawHttpClient client(simulator->port());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.Call("GET", "/api/version").status, 200);
  }
  const RawResponse last = client.Call("GET", "/api/version", "", "Connection: close\r\n");
  EXPECT_EQ(last.Header("Connection"), "close");
  EXPECT_EQ(client.Read().end, ReadEnd::kClosed);
  EXPECT_EQ(simulator->counters().connections_accepted, 1u);
  EXPECT_EQ(simulator->counters().requests, 4u);
}

TEST(WireFormatTest, PipelinedAndChunkedRequestsAreUnderstood) {
  const auto simulator = OllamaSimulator::Start({}).value();
  RawHttpClient client(simulator->port());
  client.SendBytes(
      "GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n"
      "POST /api/show HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\n{\"mod\r\n13\r\nel\":\"tessera-mini\"}\r\n0\r\n\r\n"
      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(client.Read().body, HasSubstr("0.33.0"));
  EXPECT_THAT(client.Read().body, HasSubstr("qwen3-vl-instruct"));
  EXPECT_EQ(client.Read().body, "Ollama is running");
}

}  // namespace
}  // namespace tessera::simulator
