// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/engine_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/http/http_errors.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using nlohmann::json;
using ::testing::HasSubstr;
using testing::IsError;

// llama-server's errors arrive as a document inside the text.
std::string Inner(int code, const std::string& message, const std::string& type) {
  return json{{"error", {{"code", code}, {"message", message}, {"type", type}}}}.dump();
}

struct Row {
  int http_status;
  std::string text;
  StatusCode code;
  std::string reason;
};

const std::vector<Row>& Rows() {
  static const auto* const rows = new std::vector<Row>{
      // What is wrong with the request.
      {400, "missing request body", StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {400, "unexpected EOF", StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {400,
       "json: cannot unmarshal number into Go struct field GenerateRequest.model of type string",
       StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {400, "illegal base64 data at input byte 0", StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {400, "top_logprobs must be between 0 and 20", StatusCode::kInvalidArgument,
       "ENGINE_REFUSED"},
      {400, "invalid think value: \"deep\"", StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {400, "time: missing unit in duration \"30\"", StatusCode::kInvalidArgument,
       "ENGINE_REFUSED"},
      {400, "model is required", StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {400, Inner(400, "Failed to load image or audio file", "invalid_request_error"),
       StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {413, "", StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {500, "invalid format: \"\\\"yaml\\\"\"; expected \"json\" or a valid JSON Schema object",
       StatusCode::kInvalidArgument, "ENGINE_REFUSED"},
      {500, "option \"num_ctx\" must be of type integer", StatusCode::kInvalidArgument,
       "ENGINE_REFUSED"},
      {403, "", StatusCode::kFailedPrecondition, "ENGINE_REFUSED"},
      // What the model cannot do.
      {400, "\"tiny:q8\" does not support thinking", StatusCode::kFailedPrecondition,
       "MODEL_LACKS_CAPABILITY"},
      {400, "\"tiny:q8\" does not support chat", StatusCode::kFailedPrecondition,
       "MODEL_LACKS_CAPABILITY"},
      {400, "registry.ollama.ai/library/tiny:q8 does not support tools",
       StatusCode::kFailedPrecondition, "MODEL_LACKS_CAPABILITY"},
      {400,
       Inner(400, "Multimodal data provided, but model does not support multimodal requests.",
             "invalid_request_error"),
       StatusCode::kFailedPrecondition, "MODEL_LACKS_VISION"},
      {500,
       Inner(500,
             "image input is not supported - hint: if this is unexpected, you may need to provide "
             "the mmproj",
             "server_error"),
       StatusCode::kFailedPrecondition, "MODEL_LACKS_VISION"},
      {500, "this model is missing data required for image input", StatusCode::kFailedPrecondition,
       "MODEL_LACKS_VISION"},
      // What does not fit.
      {400,
       Inner(400,
             "request (24023 tokens) exceeds the available context size (4096 tokens), try "
             "increasing it",
             "exceed_context_size_error"),
       StatusCode::kInvalidArgument, "CONTEXT_OVERFLOW"},
      {400, Inner(400, "new wording", "exceed_context_size_error"), StatusCode::kInvalidArgument,
       "CONTEXT_OVERFLOW"},
      {400,
       "the prompt is longer than the context length currently available to the model; shorten it",
       StatusCode::kInvalidArgument, "CONTEXT_OVERFLOW"},
      // What the engine does not have.
      {404, "model 'nope' not found", StatusCode::kNotFound, "MODEL_NOT_FOUND"},
      {404, "model \"nope\" not found, try pulling it first", StatusCode::kNotFound,
       "MODEL_NOT_FOUND"},
      {404, "model '' not found", StatusCode::kNotFound, "MODEL_NOT_FOUND"},
      // What may pass.
      {503, "server busy, please try again.  maximum pending requests exceeded",
       StatusCode::kResourceExhausted, "ENGINE_BUSY"},
      {429, "too many requests", StatusCode::kResourceExhausted, "ENGINE_BUSY"},
      {500, "an error was encountered while running the model: unexpected EOF",
       StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"},
      {kMidStream, "an error was encountered while running the model: unexpected EOF",
       StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"},
      {500,
       "model runner has unexpectedly stopped, this may be due to resource limitations or an "
       "internal error, check ollama server logs for details: exit status 2",
       StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"},
      {kMidStream, "model runner has unexpectedly stopped", StatusCode::kUnavailable,
       "ENGINE_RUNNER_FAILED"},
      {500, "llama-server process has terminated: exit status 127", StatusCode::kUnavailable,
       "ENGINE_RUNNER_FAILED"},
      {500, "llama-server process has terminated: model file not found", StatusCode::kUnavailable,
       "ENGINE_RUNNER_FAILED"},
      {500, "timed out waiting for llama-server to start - progress 0.30", StatusCode::kUnavailable,
       "ENGINE_RUNNER_FAILED"},
      {500, "unable to load full model on GPU", StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"},
      {500, "CUDA error: Out Of Memory", StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED"},
      // What nobody knows.
      {500, "something new", StatusCode::kInternal, "ENGINE_FAILED"},
      {500, "", StatusCode::kInternal, "ENGINE_FAILED"},
      {502, "bad gateway", StatusCode::kInternal, "ENGINE_FAILED"},
      {kMidStream, "something new", StatusCode::kInternal, "ENGINE_FAILED"},
      {302, "moved", StatusCode::kInternal, "ENGINE_FAILED"},
  };
  return *rows;
}

TEST(EngineErrorsTest, EachTextHasItsCodeAndReason) {
  for (const Row& row : Rows()) {
    const absl::Status error = StatusFromEngineError(row.http_status, row.text);
    EXPECT_THAT(error, IsError(row.code, row.reason)) << row.http_status << " " << row.text;
    EXPECT_EQ(MetadataOf(error, "httpStatus"),
              row.http_status == kMidStream ? "" : std::to_string(row.http_status));
    EXPECT_FALSE(MetadataOf(error, "engineMessage").empty());
  }
}

TEST(EngineErrorsTest, AWholeReplyIsReadAsItsErrorText) {
  for (const Row& row : Rows()) {
    if (row.http_status == kMidStream) continue;
    const absl::Status error =
        StatusFromHttpReply(row.http_status, json{{"error", row.text}}.dump());
    EXPECT_THAT(error, IsError(row.code, row.reason)) << row.http_status << " " << row.text;
  }
}

TEST(EngineErrorsTest, ShowsTheInnerMessageNotTheInnerDocument) {
  const absl::Status error = StatusFromEngineError(400, Inner(400, "Failed to load image", "x"));
  EXPECT_EQ(error.message(), "the engine answered: Failed to load image");
  EXPECT_EQ(MetadataOf(error, "engineMessage"), "Failed to load image");
}

TEST(EngineErrorsTest, TellsHowMuchContextWasNeeded) {
  const std::string text = json{
      {"error",
       {{"message", "request (24023 tokens) exceeds the available context size (4096 tokens)"},
        {"type", "exceed_context_size_error"},
        {"n_prompt_tokens", 24023},
        {"n_ctx", 4096}}}}.dump();
  const absl::Status error = StatusFromEngineError(400, text);
  EXPECT_EQ(MetadataOf(error, "neededTokens"), "24023");
  EXPECT_EQ(MetadataOf(error, "availableTokens"), "4096");
  EXPECT_EQ(MetadataOf(StatusFromEngineError(400, "exceeds the available context"), "neededTokens"),
            "");
}

TEST(EngineErrorsTest, ABusyEngineSaysWhenToComeBack) {
  EXPECT_EQ(RetryAfterOf(StatusFromEngineError(503, "server busy")), absl::Seconds(1));
  EXPECT_EQ(RetryAfterOf(StatusFromEngineError(500, "something new")), std::nullopt);
}

TEST(EngineErrorsTest, TakesAnInnerDocumentThatIsNoneAsText) {
  for (const std::string text :
       {R"({"error":)", R"({"other":1})", R"({"error":7})", R"({"error":{}})",
        R"({"error":{"message":7,"type":8,"n_ctx":"x"}})", "{not json"}) {
    const absl::Status error = StatusFromEngineError(500, text);
    EXPECT_THAT(error, IsError(StatusCode::kInternal, "ENGINE_FAILED")) << text;
    EXPECT_EQ(MetadataOf(error, "engineMessage"), text);
  }
}

TEST(EngineErrorsTest, ShortensALongText) {
  const absl::Status error = StatusFromEngineError(500, std::string(100'000, 'x'));
  EXPECT_LT(error.message().size(), 350);
  EXPECT_THAT(MetadataOf(error, "engineMessage"), HasSubstr("..."));
}

TEST(EngineErrorsTest, AReplyThatIsNotJsonIsShown) {
  const absl::Status error = StatusFromHttpReply(502, "<html>Bad Gateway</html>");
  EXPECT_THAT(error, IsError(StatusCode::kInternal, "ENGINE_FAILED"));
  EXPECT_THAT(std::string(error.message()), HasSubstr("HTTP 502 <html>Bad Gateway</html>"));
}

TEST(EngineErrorsTest, AReplyOfBytesKeepsItsReason) {
  std::string bytes(1'000, '\xE4');
  bytes += '\0';
  EXPECT_THAT(StatusFromHttpReply(500, bytes), IsError(StatusCode::kInternal, "ENGINE_FAILED"));
  // A character that the limit cuts in two.
  EXPECT_THAT(StatusFromHttpReply(500, std::string(299, 'x') + "世界"),
              IsError(StatusCode::kInternal, "ENGINE_FAILED"));
}

TEST(EngineErrorsTest, APageThatIsMissingIsNotAModelThatIsMissing) {
  EXPECT_THAT(StatusFromHttpReply(404, "404 page not found"),
              IsError(StatusCode::kInternal, "ENGINE_FAILED"));
  EXPECT_THAT(StatusFromHttpReply(405, "405 method not allowed"),
              IsError(StatusCode::kInternal, "ENGINE_FAILED"));
}

TEST(EngineErrorsTest, AForbiddenHostIsTold) {
  EXPECT_THAT(StatusFromHttpReply(403, ""),
              IsError(StatusCode::kFailedPrecondition, "ENGINE_REFUSED"));
}

TEST(EngineErrorsTest, ASuccessWithoutJsonIsNoReply) {
  for (const int status : {200, 204}) {
    EXPECT_THAT(StatusFromHttpReply(status, "<html></html>"),
                IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
  }
}

TEST(EngineErrorsTest, EachTransportErrorHasItsCodeAndReason) {
  struct TransportRow {
    StatusCode code;
    std::string_view reason;
    StatusCode before_head_code;
    std::string before_head;
    StatusCode after_head_code;
    std::string after_head;
  };
  constexpr auto kUnavailable = StatusCode::kUnavailable;
  constexpr auto kInternal = StatusCode::kInternal;
  constexpr auto kDeadline = StatusCode::kDeadlineExceeded;
  constexpr auto kExhausted = StatusCode::kResourceExhausted;
  for (const TransportRow& row : std::vector<TransportRow>{
           {kUnavailable, kHttpConnectFailed, kUnavailable, "ENGINE_UNREACHABLE", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {kUnavailable, kHttpConnectTimeout, kUnavailable, "ENGINE_UNREACHABLE", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {kUnavailable, kHttpTlsFailed, kUnavailable, "ENGINE_UNREACHABLE", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {kUnavailable, kHttpConnectionReset, kUnavailable, "ENGINE_UNREACHABLE", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {kUnavailable, kHttpClientClosed, kUnavailable, "ENGINE_UNREACHABLE", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {kDeadline, kHttpFirstByteTimeout, kDeadline, "ENGINE_TIMEOUT", kDeadline,
            "ENGINE_TIMEOUT"},
           {kDeadline, kHttpIdleTimeout, kDeadline, "ENGINE_TIMEOUT", kDeadline, "ENGINE_TIMEOUT"},
           {kDeadline, kHttpTotalTimeout, kDeadline, "ENGINE_TIMEOUT", kDeadline, "ENGINE_TIMEOUT"},
           {kExhausted, kHttpResponseTooLarge, kExhausted, "REPLY_TOO_LARGE", kExhausted,
            "REPLY_TOO_LARGE"},
           {kExhausted, kHttpTooManyTransfers, kExhausted, "QUEUE_FULL", kExhausted, "QUEUE_FULL"},
           {kInternal, kHttpProtocolError, kInternal, "ENGINE_REPLY_INVALID", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {kInternal, kHttpClientFailure, kInternal, "ENGINE_FAILED", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {StatusCode::kInvalidArgument, kHttpUrlInvalid, kInternal, "ENGINE_FAILED", kUnavailable,
            "ENGINE_STREAM_BROKEN"},
           {StatusCode::kCancelled, kHttpCancelled, StatusCode::kCancelled, "CANCELLED",
            StatusCode::kCancelled, "CANCELLED"},
       }) {
    const absl::Status error = MakeError(row.code, row.reason, "127.0.0.1:11434 misbehaves");
    EXPECT_THAT(StatusFromTransport(error, false), IsError(row.before_head_code, row.before_head))
        << row.reason;
    EXPECT_THAT(StatusFromTransport(error, true), IsError(row.after_head_code, row.after_head))
        << row.reason;
  }
}

TEST(EngineErrorsTest, ATransportErrorKeepsItsCauseForDiagnosis) {
  const absl::Status error = StatusFromTransport(
      MakeError(StatusCode::kUnavailable, kHttpConnectFailed, "127.0.0.1:1 refuses"), false);
  EXPECT_EQ(error.message(), "127.0.0.1:1 refuses");
  EXPECT_EQ(MetadataOf(error, "transportReason"), "HTTP_CONNECT_FAILED");
}

TEST(EngineErrorsTest, AnAnswerWithoutItsEndIsBroken) {
  EXPECT_THAT(StreamEndedEarly(), IsError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN"));
}

}  // namespace
}  // namespace tessera::inference
