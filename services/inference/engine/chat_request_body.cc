// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/chat_request_body.h"

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"

namespace tessera::inference {
namespace {

using nlohmann::json;

// A multiple of 3, so that the pieces' base64 joins without padding.
constexpr size_t kBase64PieceBytes = 48 << 10;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string_view RoleName(ChatRole role) {
  switch (role) {
    case ChatRole::kSystem:
      return "system";
    case ChatRole::kUser:
      return "user";
    case ChatRole::kAssistant:
      return "assistant";
  }
  return "user";
}

template <typename T>
void Put(json& options, const char* key, const std::optional<T>& value) {
  if (value) options[key] = *value;
}

json Options(const ChatSampling& sampling) {
  json options = json::object();
  Put(options, "num_predict", sampling.max_output_tokens);
  Put(options, "temperature", sampling.temperature);
  Put(options, "top_k", sampling.top_k);
  Put(options, "top_p", sampling.top_p);
  Put(options, "min_p", sampling.min_p);
  Put(options, "repeat_penalty", sampling.repeat_penalty);
  Put(options, "seed", sampling.seed);
  if (!sampling.stop.empty()) options["stop"] = sampling.stop;
  return options;
}

// Go reads "1800000ms" as a duration; a bare number would mean seconds.
std::string KeepAlive(absl::Duration keep_alive) {
  return std::to_string(absl::ToInt64Milliseconds(keep_alive)) + "ms";
}

size_t EstimatedSize(const ChatRequest& request) {
  size_t size = 1024 + request.format_schema.size();
  for (const ChatMessage& message : request.messages) {
    size += 64 + message.text.size() + message.text.size() / 8;
    for (std::string_view image : message.images) size += 8 + (image.size() + 2) / 3 * 4;
  }
  return size;
}

void AppendBase64(std::string& body, std::string_view bytes) {
  std::string encoded;
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kBase64PieceBytes);
    absl::Base64Escape({piece.data(), piece.size()}, &encoded);
    body += encoded;
    bytes.remove_prefix(piece.size());
  }
}

void AppendMessage(std::string& body, const ChatMessage& message) {
  body += R"({"role":")";
  body += RoleName(message.role);
  body += R"(","content":)";
  body += Dump(json(message.text));
  if (!message.images.empty()) {
    body += R"(,"images":[)";
    for (size_t i = 0; i < message.images.size(); ++i) {
      body += i == 0 ? "\"" : ",\"";
      AppendBase64(body, message.images[i]);
      body += '"';
    }
    body += ']';
  }
  body += '}';
}

}  // namespace

std::string MakeChatRequestBody(const ChatRequest& request) {
  std::string body;
  body.reserve(EstimatedSize(request));
  body += R"({"model":)";
  body += Dump(json(request.model));
  body += R"(,"stream":true,"keep_alive":")";
  body += KeepAlive(request.keep_alive);
  body += '"';
  if (!request.format_schema.empty()) {
    body += R"(,"format":)";
    body += request.format_schema;
  }
  if (request.logprobs) body += R"(,"logprobs":true)";
  body += R"(,"options":)";
  body += Dump(Options(request.sampling));
  body += R"(,"messages":[)";
  for (size_t i = 0; i < request.messages.size(); ++i) {
    if (i > 0) body += ',';
    AppendMessage(body, request.messages[i]);
  }
  body += "]}";
  return body;
}

}  // namespace tessera::inference
