// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/chat_reply.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <string>

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

// The exact bytes; in the text a part of a character has become U+FFFD.
std::optional<std::string> BytesFrom(const element& entry) {
  simdjson::dom::array bytes;
  if (entry["bytes"].get(bytes) != simdjson::SUCCESS) return std::nullopt;
  std::string token;
  for (const element byte : bytes) {
    uint64_t value = 0;
    if (byte.get(value) != simdjson::SUCCESS || value > 255) return std::nullopt;
    token += static_cast<char>(value);
  }
  return token;
}

std::optional<TokenLogprob> LogprobFrom(const element& entry) {
  TokenLogprob one;
  std::string_view text;
  if (entry["token"].get(text) != simdjson::SUCCESS ||
      entry["logprob"].get(one.logprob) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  one.token = BytesFrom(entry).value_or(std::string(text));
  return one;
}

std::vector<TokenLogprob> LogprobsFrom(const object& from) {
  std::vector<TokenLogprob> logprobs;
  simdjson::dom::array entries;
  if (from["logprobs"].get(entries) != simdjson::SUCCESS) return logprobs;
  for (const element entry : entries) {
    std::optional<TokenLogprob> one = LogprobFrom(entry);
    if (!one) continue;
    simdjson::dom::array alternatives;
    if (entry["top_logprobs"].get(alternatives) == simdjson::SUCCESS) {
      for (const element alternative : alternatives) {
        if (auto other = LogprobFrom(alternative)) one->top.push_back(*std::move(other));
      }
    }
    logprobs.push_back(*std::move(one));
  }
  return logprobs;
}

// A text that may be absent; false when it is something else.
bool ReadText(const object& from, const char* key, std::string_view& text) {
  const auto value = from[key];
  return value.error() != simdjson::SUCCESS || value.get(text) == simdjson::SUCCESS;
}

}  // namespace

struct ChatReplyReader::Parser {
  simdjson::dom::parser parser;
  std::deque<std::string> arguments;  // Of the tool calls of the line read last.

  absl::Status ReadToolCalls(const object& message, std::vector<ChatToolCall>& calls);
};

absl::Status ChatReplyReader::Parser::ReadToolCalls(const object& message,
                                                    std::vector<ChatToolCall>& calls) {
  arguments.clear();
  simdjson::dom::array entries;
  if (message["tool_calls"].get(entries) != simdjson::SUCCESS) return absl::OkStatus();
  for (const element entry : entries) {
    ChatToolCall call;
    object function, given;
    if (entry["function"].get(function) != simdjson::SUCCESS ||
        function["name"].get(call.name) != simdjson::SUCCESS) {
      return InvalidReply("sent a tool call without a name");
    }
    const auto value = function["arguments"];
    if (value.get(given) == simdjson::SUCCESS) {
      arguments.push_back(simdjson::minify(given));
    } else if (value.error() != simdjson::SUCCESS || value.is_null()) {
      arguments.emplace_back("{}");
    } else {
      return InvalidReply("sent a tool call whose arguments are not a JSON object");
    }
    call.arguments_json = arguments.back();
    if (entry["id"].get(call.id) != simdjson::SUCCESS) call.id = {};
    calls.push_back(call);
  }
  return absl::OkStatus();
}

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
    if (!ReadText(message, "content", reply.text)) {
      return InvalidReply("sent a message whose content is not a text");
    }
    if (!ReadText(message, "thinking", reply.thinking)) {
      return InvalidReply("sent a message whose thinking is not a text");
    }
    TESSERA_RETURN_IF_ERROR(parser_->ReadToolCalls(message, reply.tool_calls));
  } else if (!reply.done) {
    return InvalidReply("sent a line without the field 'message'");
  }
  reply.logprobs = LogprobsFrom(fields);
  if (reply.done) reply.outcome = OutcomeFrom(fields);
  return reply;
}

absl::StatusOr<EmbedReply> ReadEmbedReply(std::string_view json) {
  simdjson::dom::parser parser;
  object fields;
  if (parser.parse(json.data(), json.size()).get(fields) != simdjson::SUCCESS) {
    return InvalidReply("sent vectors that are not a JSON object");
  }
  std::string_view error;
  if (fields["error"].get(error) == simdjson::SUCCESS) {
    return StatusFromEngineError(kMidStream, error);
  }
  EmbedReply reply;
  simdjson::dom::array vectors;
  if (fields["embeddings"].get(vectors) != simdjson::SUCCESS) {
    return InvalidReply("sent no field 'embeddings'");
  }
  for (const element vector : vectors) {
    simdjson::dom::array numbers;
    if (vector.get(numbers) != simdjson::SUCCESS) {
      return InvalidReply("sent an embedding that is not a list");
    }
    std::vector<float>& values = reply.embeddings.emplace_back();
    values.reserve(numbers.size());
    for (const element number : numbers) {
      double value = 0;
      if (number.get(value) != simdjson::SUCCESS) {
        return InvalidReply("sent an embedding that is not a list of numbers");
      }
      values.push_back(static_cast<float>(value));
    }
  }
  reply.outcome = OutcomeFrom(fields);
  reply.outcome.finish = ChatFinish::kStop;
  return reply;
}

}  // namespace tessera::inference
