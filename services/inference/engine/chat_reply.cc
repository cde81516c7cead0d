// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/chat_reply.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <limits>

#include "common/status/status_macros.h"
#include "services/inference/engine/engine_errors.h"

namespace tessera::inference {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

// Absent and zero mean the same: Ollama leaves zeros out.
int64_t IntegerOrZero(const object& from, const char* key) {
  int64_t value = 0;
  return from[key].get(value) == simdjson::SUCCESS ? std::max<int64_t>(value, 0) : 0;
}

uint32_t CountOrZero(const object& from, const char* key) {
  return static_cast<uint32_t>(
      std::min<int64_t>(IntegerOrZero(from, key), std::numeric_limits<uint32_t>::max()));
}

ChatFinish FinishFrom(const object& from) {
  std::string_view reason;
  if (from["done_reason"].get(reason) != simdjson::SUCCESS) return ChatFinish::kUnknown;
  if (reason == "stop") return ChatFinish::kStop;
  if (reason == "length") return ChatFinish::kLength;
  return ChatFinish::kUnknown;
}

ChatOutcome OutcomeFrom(const object& from) {
  return {.finish = FinishFrom(from),
          .prompt_tokens = CountOrZero(from, "prompt_eval_count"),
          .output_tokens = CountOrZero(from, "eval_count"),
          .total = absl::Nanoseconds(IntegerOrZero(from, "total_duration")),
          .load = absl::Nanoseconds(IntegerOrZero(from, "load_duration")),
          .prefill = absl::Nanoseconds(IntegerOrZero(from, "prompt_eval_duration")),
          .decode = absl::Nanoseconds(IntegerOrZero(from, "eval_duration"))};
}

std::vector<TokenLogprob> LogprobsFrom(const object& from) {
  std::vector<TokenLogprob> logprobs;
  simdjson::dom::array entries;
  if (from["logprobs"].get(entries) != simdjson::SUCCESS) return logprobs;
  for (const element entry : entries) {
    TokenLogprob one;
    if (entry["token"].get(one.token) == simdjson::SUCCESS &&
        entry["logprob"].get(one.logprob) == simdjson::SUCCESS) {
      logprobs.push_back(one);
    }
  }
  return logprobs;
}

}  // namespace

struct ChatReplyReader::Parser {
  simdjson::dom::parser parser;
};

ChatReplyReader::ChatReplyReader() : parser_(std::make_unique<Parser>()) {}
ChatReplyReader::~ChatReplyReader() = default;

absl::StatusOr<ChatReply> ChatReplyReader::Read(std::string_view line) {
  element document;
  if (parser_->parser.parse(line.data(), line.size()).get(document) != simdjson::SUCCESS) {
    return InvalidReply("sent a line that is not JSON");
  }
  object fields;
  if (document.get(fields) != simdjson::SUCCESS) {
    return InvalidReply("sent a line that is not a JSON object");
  }
  std::string_view error;
  if (fields["error"].get(error) == simdjson::SUCCESS) {
    return StatusFromEngineError(kMidStream, error);
  }
  ChatReply reply;
  if (fields["done"].get(reply.done) != simdjson::SUCCESS) {
    return InvalidReply("sent a line without the field 'done'");
  }
  object message;
  if (fields["message"].get(message) == simdjson::SUCCESS) {
    const auto content = message["content"];
    if (content.error() == simdjson::SUCCESS && content.get(reply.text) != simdjson::SUCCESS) {
      return InvalidReply("sent a message whose content is not a text");
    }
  } else if (!reply.done) {
    return InvalidReply("sent a line without the field 'message'");
  }
  reply.logprobs = LogprobsFrom(fields);
  if (reply.done) reply.outcome = OutcomeFrom(fields);
  return reply;
}

}  // namespace tessera::inference
