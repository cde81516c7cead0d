// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/engine_errors.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "common/http/http_errors.h"
#include "common/status/error.h"
#include "common/status/error_text.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;

constexpr size_t kMaxTextBytes = 300;

struct EngineError {
  std::string text;
  std::string type;  // llama-server's "type", when there is an inner document.
  int64_t prompt_tokens = 0;
  int64_t context_tokens = 0;
};

// Ollama passes llama-server's error on as a JSON document inside its own error text.
EngineError Unwrap(std::string_view text) {
  EngineError error{.text = std::string(text), .type = {}};
  if (text.empty() || text.front() != '{') return error;
  simdjson::dom::parser parser;
  simdjson::dom::element inner;
  if (parser.parse(text.data(), text.size()).at_key("error").get(inner) != simdjson::SUCCESS) {
    return error;
  }
  std::string_view message;
  if (inner["message"].get(message) == simdjson::SUCCESS) error.text = std::string(message);
  std::string_view type;
  if (inner["type"].get(type) == simdjson::SUCCESS) error.type = std::string(type);
  if (inner["n_prompt_tokens"].get(error.prompt_tokens) != simdjson::SUCCESS)
    error.prompt_tokens = 0;
  if (inner["n_ctx"].get(error.context_tokens) != simdjson::SUCCESS) error.context_tokens = 0;
  return error;
}

bool Has(const std::string& lower_text, std::string_view part) {
  return lower_text.find(part) != std::string::npos;
}

absl::Status Make(StatusCode code, std::string_view reason, int http_status,
                  const EngineError& error, ErrorContext context = {}) {
  const std::string text = ErrorText(error.text.empty() ? "(no text)" : error.text, kMaxTextBytes);
  context.metadata.emplace_back("engineMessage", text);
  if (http_status != kMidStream) {
    context.metadata.emplace_back("httpStatus", std::to_string(http_status));
  }
  return MakeError(code, reason, fmt::format("the engine answered: {}", text), std::move(context));
}

absl::Status ContextOverflow(int http_status, const EngineError& error) {
  ErrorContext context;
  if (error.context_tokens > 0) {
    context.metadata = {{"neededTokens", std::to_string(error.prompt_tokens)},
                        {"availableTokens", std::to_string(error.context_tokens)}};
  }
  return Make(StatusCode::kInvalidArgument, "CONTEXT_OVERFLOW", http_status, error,
              std::move(context));
}

bool RunnerFailed(const std::string& lower) {
  return Has(lower, "error was encountered while running the model") ||
         Has(lower, "model runner has unexpectedly stopped") ||
         Has(lower, "process has terminated") || Has(lower, "timed out waiting for") ||
         Has(lower, "unable to load full model") || Has(lower, "out of memory") ||
         Has(lower, "failed to load model") || Has(lower, "unable to allocate");
}

}  // namespace

absl::Status StatusFromEngineError(int http_status, std::string_view text) {
  const EngineError error = Unwrap(text);
  const std::string lower = absl::AsciiStrToLower(error.text);
  if (error.type == "exceed_context_size_error" || Has(lower, "exceeds the available context") ||
      Has(lower, "longer than the context length") || Has(lower, "exceeds the context length")) {
    return ContextOverflow(http_status, error);
  }
  if (Has(lower, "image input is not supported") ||
      Has(lower, "does not support multimodal requests") ||
      Has(lower, "model is missing data required for image input")) {
    return Make(StatusCode::kFailedPrecondition, "MODEL_LACKS_VISION", http_status, error);
  }
  if (Has(lower, "does not support")) {
    return Make(StatusCode::kFailedPrecondition, "MODEL_LACKS_CAPABILITY", http_status, error);
  }
  // Not among the 5xx: a runner that could not be started also says what it has not found.
  if (http_status == 404 || (http_status < 500 && Has(lower, "model") && Has(lower, "not found"))) {
    return Make(StatusCode::kNotFound, "MODEL_NOT_FOUND", http_status, error);
  }
  if (http_status == 503 || http_status == 429 || Has(lower, "server busy")) {
    return Make(StatusCode::kResourceExhausted, "ENGINE_BUSY", http_status, error,
                {.retry_after = absl::Seconds(1)});
  }
  if (RunnerFailed(lower)) {
    return Make(StatusCode::kUnavailable, "ENGINE_RUNNER_FAILED", http_status, error);
  }
  if (http_status == 403) {
    return Make(StatusCode::kFailedPrecondition, "ENGINE_REFUSED", http_status, error);
  }
  // Client mistakes that Ollama reports as 500.
  const bool refused = Has(lower, "failed to load image") || Has(lower, "invalid format") ||
                       Has(lower, "must be of type") || Has(lower, "image: unknown format");
  if (refused || (http_status >= 400 && http_status < 500)) {
    return Make(StatusCode::kInvalidArgument, "ENGINE_REFUSED", http_status, error);
  }
  return Make(StatusCode::kInternal, "ENGINE_FAILED", http_status, error);
}

absl::Status StatusFromHttpReply(int http_status, std::string_view body) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(body.data(), body.size()).at_key("error").get(text) == simdjson::SUCCESS) {
    return StatusFromEngineError(http_status, text);
  }
  if (http_status / 100 == 2) return InvalidReply("sent a reply that is not JSON");
  const std::string shown = fmt::format("HTTP {} {}", http_status, body.substr(0, kMaxTextBytes));
  // Ollama says in JSON that it lacks a model; a page that is missing means that this is no Ollama.
  if (http_status == 404 || http_status == 405) {
    return Make(StatusCode::kInternal, "ENGINE_FAILED", http_status, {.text = shown, .type = {}});
  }
  return StatusFromEngineError(http_status, shown);
}

absl::Status StatusFromTransport(const absl::Status& error, bool head_seen) {
  const std::string reason = ReasonOf(error);
  const std::string message(error.message());
  if (reason == kHttpCancelled) {
    return MakeError(StatusCode::kCancelled, "CANCELLED", "the call was cancelled");
  }
  ErrorContext context{.metadata = {{"transportReason", reason}}};
  if (reason == kHttpResponseTooLarge) {
    return MakeError(StatusCode::kResourceExhausted, "REPLY_TOO_LARGE", message, context);
  }
  if (reason == kHttpTooManyTransfers) {
    context.retry_after = absl::Seconds(1);
    return MakeError(StatusCode::kResourceExhausted, "QUEUE_FULL", message, context);
  }
  if (reason == kHttpProtocolError && !head_seen) {
    return MakeError(StatusCode::kInternal, "ENGINE_REPLY_INVALID", message, context);
  }
  if (absl::IsDeadlineExceeded(error)) {
    return MakeError(StatusCode::kDeadlineExceeded, "ENGINE_TIMEOUT", message, context);
  }
  if (head_seen) {
    return MakeError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN", message, context);
  }
  if (absl::IsUnavailable(error)) {
    return MakeError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE", message, context);
  }
  return MakeError(StatusCode::kInternal, "ENGINE_FAILED", message, context);
}

absl::Status InvalidReply(std::string_view what) {
  return MakeError(StatusCode::kInternal, "ENGINE_REPLY_INVALID",
                   fmt::format("the engine {}", what));
}

absl::Status StreamEndedEarly() {
  return MakeError(StatusCode::kUnavailable, "ENGINE_STREAM_BROKEN",
                   "the engine ended its answer without the closing line; what was delivered may "
                   "be incomplete");
}

}  // namespace tessera::inference
