// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/chat_request_body.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

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
    case ChatRole::kTool:
      return "tool";
  }
  return "user";
}

template <typename T>
void Put(json& options, const char* key, const std::optional<T>& value) {
  if (value) options[key] = *value;
}

void PutRuntime(json& options, const RuntimeOptions& runtime) {
  Put(options, "num_ctx", runtime.num_ctx);
  Put(options, "num_batch", runtime.num_batch);
  Put(options, "num_gpu", runtime.num_gpu);
  Put(options, "main_gpu", runtime.main_gpu);
  Put(options, "use_mmap", runtime.use_mmap);
  Put(options, "num_thread", runtime.num_thread);
}

json Options(const ChatSampling& sampling, const RuntimeOptions& runtime) {
  json options = json::object();
  Put(options, "num_predict", sampling.max_output_tokens);
  Put(options, "temperature", sampling.temperature);
  Put(options, "top_k", sampling.top_k);
  Put(options, "top_p", sampling.top_p);
  Put(options, "min_p", sampling.min_p);
  Put(options, "typical_p", sampling.typical_p);
  Put(options, "repeat_penalty", sampling.repeat_penalty);
  Put(options, "repeat_last_n", sampling.repeat_last_n);
  Put(options, "presence_penalty", sampling.presence_penalty);
  Put(options, "frequency_penalty", sampling.frequency_penalty);
  Put(options, "num_keep", sampling.num_keep);
  Put(options, "seed", sampling.seed);
  if (!sampling.stop.empty()) options["stop"] = sampling.stop;
  PutRuntime(options, runtime);
  return options;
}

std::string_view ThinkJson(ChatThinking thinking) {
  switch (thinking) {
    case ChatThinking::kModelsDefault:
      break;
    case ChatThinking::kOff:
      return "false";
    case ChatThinking::kOn:
      return "true";
    case ChatThinking::kLow:
      return R"("low")";
    case ChatThinking::kMedium:
      return R"("medium")";
    case ChatThinking::kHigh:
      return R"("high")";
  }
  return "";
}

// Go reads "1800000ms" as a duration; a bare number would mean seconds.
std::string KeepAlive(absl::Duration keep_alive) {
  return std::to_string(absl::ToInt64Milliseconds(keep_alive)) + "ms";
}

size_t EstimatedSize(const ChatRequest& request) {
  size_t size = 1024 + request.format_json.size();
  for (const ChatTool& tool : request.tools) {
    size += 96 + tool.description.size() + tool.parameters_json.size();
  }
  for (const ChatMessage& message : request.messages) {
    const size_t text = message.text.size() + message.thinking.size();
    size += 64 + text + text / 8;
    for (const ChatToolCall& call : message.tool_calls) size += 96 + call.arguments_json.size();
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

template <typename T>
void AppendList(std::string& body, const std::vector<T>& items,
                void (*append)(std::string&, const T&)) {
  body += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) body += ',';
    append(body, items[i]);
  }
  body += ']';
}

// `,"<key>":"<text>"`, or nothing when there is no text.
void AppendField(std::string& body, std::string_view key, std::string_view text) {
  if (text.empty()) return;
  body += ",\"";
  body += key;
  body += "\":";
  body += Dump(json(text));
}

void AppendToolCall(std::string& body, const ChatToolCall& call) {
  body += R"({"function":{"name":)";
  body += Dump(json(call.name));
  body += R"(,"arguments":)";
  body += call.arguments_json;
  body += '}';
  AppendField(body, "id", call.id);
  body += '}';
}

void AppendTool(std::string& body, const ChatTool& tool) {
  body += R"({"type":"function","function":{"name":)";
  body += Dump(json(tool.name));
  body += R"(,"description":)";
  body += Dump(json(tool.description));
  body += R"(,"parameters":)";
  body += tool.parameters_json;
  body += "}}";
}

void AppendMessage(std::string& body, const ChatMessage& message) {
  body += R"({"role":")";
  body += RoleName(message.role);
  body += R"(","content":)";
  body += Dump(json(message.text));
  AppendField(body, "thinking", message.thinking);
  AppendField(body, "tool_name", message.tool_name);
  if (!message.images.empty()) {
    body += R"(,"images":[)";
    for (size_t i = 0; i < message.images.size(); ++i) {
      body += i == 0 ? "\"" : ",\"";
      AppendBase64(body, message.images[i]);
      body += '"';
    }
    body += ']';
  }
  if (!message.tool_calls.empty()) {
    body += R"(,"tool_calls":)";
    AppendList(body, message.tool_calls, AppendToolCall);
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
  if (!request.format_json.empty()) {
    body += R"(,"format":)";
    body += request.format_json;
  }
  if (const std::string_view think = ThinkJson(request.thinking); !think.empty()) {
    body += R"(,"think":)";
    body += think;
  }
  if (request.logprobs) body += R"(,"logprobs":true)";
  if (request.top_logprobs > 0) body += fmt::format(R"(,"top_logprobs":{})", request.top_logprobs);
  if (!request.tools.empty()) {
    body += R"(,"tools":)";
    AppendList(body, request.tools, AppendTool);
  }
  body += R"(,"options":)";
  body += Dump(Options(request.sampling, request.runtime));
  body += R"(,"messages":)";
  AppendList(body, request.messages, AppendMessage);
  body += '}';
  return body;
}

std::string MakeEmbedRequestBody(const EmbedRequest& request) {
  json body = {{"model", request.model},
               {"input", request.texts},
               {"truncate", request.truncate},
               {"keep_alive", KeepAlive(request.keep_alive)}};
  Put(body, "dimensions", request.dimensions);
  json options = json::object();
  PutRuntime(options, request.runtime);
  if (!options.empty()) body["options"] = std::move(options);
  return Dump(body);
}

std::string MakeLoadRequestBody(std::string_view model, const RuntimeOptions& runtime,
                                absl::Duration keep_alive) {
  json body = {{"model", model}, {"keep_alive", KeepAlive(keep_alive)}};
  json options = json::object();
  PutRuntime(options, runtime);
  if (!options.empty()) body["options"] = std::move(options);
  return Dump(body);
}

}  // namespace tessera::inference
