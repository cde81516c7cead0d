// SPDX-License-Identifier: Apache-2.0
#include "simulator/generation_request.h"

#include <algorithm>
#include <utility>

#include "common/digest/sha256.h"
#include "simulator/base64.h"
#include "simulator/go_duration.h"
#include "simulator/json_body.h"
#include "simulator/json_text.h"
#include "simulator/picture_probe.h"
#include "simulator/request_options.h"
#include "simulator/text.h"

namespace tessera::simulator {
namespace {

namespace dom = simdjson::dom;

// Reads pictures into `request`; returns an error text.
std::string ReadPictures(dom::array images, EngineGeneration generation,
                         GenerationRequest* request) {
  thread_local std::string bytes;
  for (const dom::element element : images) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) {
      return Concat("json: cannot unmarshal ", GoTypeName(element), " into Go struct field ",
                    request->is_chat ? "ChatRequest.messages" : "GenerateRequest",
                    ".images of type api.ImageData");
    }
    std::string error;
    if (!DecodeBase64(text, &bytes, &error)) {
      return error;
    }
    RequestPicture picture;
    PictureHeader header;
    picture.loadable = ProbePicture(bytes, &header);
    picture.received.bytes = bytes.size();
    picture.received.format = header.format;
    picture.received.width_px = header.width_px;
    picture.received.height_px = header.height_px;
    if (picture.loadable) {
      picture.received.prompt_tokens = PictureTokens(header.width_px, header.height_px, generation);
    }
    Sha256 digest;
    digest.Add(bytes);
    picture.received.sha256 = digest.HexDigest();
    request->pictures.push_back(std::move(picture));
  }
  return {};
}

std::string ReadMessages(dom::array messages, EngineGeneration generation,
                         GenerationRequest* request) {
  std::string error;
  for (const dom::element element : messages) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
      return Concat("json: cannot unmarshal ", GoTypeName(element),
                    " into Go struct field ChatRequest.messages of type api.Message");
    }
    GoStruct message(object, "ChatRequest.messages", &error);
    std::string role, content;
    message.Read("role", &role);
    message.Read("content", &content);
    role = Lower(role);
    dom::array images;
    if (message.Get("images", &images)) {
      if (std::string failed = ReadPictures(images, generation, request); !failed.empty()) {
        return failed;
      }
    }
    request->words += CountWords(content);
    ++request->message_count;
    if (role == "user") {
      request->prompt = std::move(content);
    }
    request->last_role = std::move(role);
  }
  return error;
}

void ReadTools(dom::array tools, GenerationRequest* request) {
  for (const dom::element element : tools) {
    dom::element function;
    if (element.at_key("function").get(function) != simdjson::SUCCESS) {
      continue;
    }
    RequestTool tool;
    std::string_view name;
    if (function.at_key("name").get(name) == simdjson::SUCCESS) {
      tool.name = std::string(name);
    }
    dom::element parameters;
    if (function.at_key("parameters").get(parameters) == simdjson::SUCCESS) {
      tool.parameters_json = simdjson::minify(parameters);
    }
    request->tools.push_back(std::move(tool));
  }
}

void ReadFormat(dom::element format, GenerationRequest* request) {
  std::string_view text;
  if (format.get(text) == simdjson::SUCCESS) {
    if (text == "json") {
      request->format = FormatKind::kJson;
    } else if (!text.empty()) {
      request->bad_format = Quoted(text);
    }
  } else if (format.is_object()) {
    request->format = FormatKind::kSchema;
    request->schema_json = simdjson::minify(format);
  } else {
    request->bad_format = simdjson::minify(format);
  }
}

std::string ReadThink(dom::element think, GenerationRequest* request) {
  bool on;
  std::string_view level;
  if (think.get(on) == simdjson::SUCCESS) {
    request->think = on ? ThinkMode::kOn : ThinkMode::kOff;
    return {};
  }
  if (think.get(level) != simdjson::SUCCESS) {
    return "think must be a boolean or string (\"high\", \"medium\", \"low\", \"max\", true, or "
           "false)";
  }
  if (level != "low" && level != "medium" && level != "high" && level != "max") {
    return Concat("invalid think value: ", Quoted(level),
                  " (must be \"high\", \"medium\", \"low\", \"max\", true, or false)");
  }
  request->think = ThinkMode::kOn;
  return {};
}

}  // namespace

RunnerSettings GenerationRequest::Settings(const ModelSpec& spec, int default_num_ctx) const {
  RunnerSettings settings;
  settings.num_ctx = num_ctx.value_or(spec.num_ctx.value_or(default_num_ctx));
  // Vision models never get less than this, nothing gets more than it was trained for.
  const int least = spec.Can("vision") ? 2048 : 4;
  settings.num_ctx = std::min(std::max(settings.num_ctx, least), spec.trained_context);
  settings.num_batch = num_batch.value_or(settings.num_batch);
  settings.num_gpu = num_gpu.value_or(settings.num_gpu);
  settings.num_thread = num_thread.value_or(settings.num_thread);
  settings.main_gpu = main_gpu;
  settings.use_mmap = use_mmap;
  settings.shift = shift.value_or(true);
  settings.draft_num_predict = draft_num_predict.value_or(0);
  return settings;
}

RequestError ParseGenerationRequest(bool is_chat, std::string& body, EngineGeneration generation,
                                    GenerationRequest* request, std::string* option_error) {
  request->is_chat = is_chat;
  dom::object root;
  std::string error;
  if (!ParseJsonBody(body, &root, &error)) {
    return {400, error};
  }
  GoStruct fields(root, is_chat ? "ChatRequest" : "GenerateRequest", &error);
  fields.Read("model", &request->model);
  fields.Read("stream", &request->stream);
  fields.Read("raw", &request->raw);
  fields.Read("truncate", &request->truncate);
  fields.Read("shift", &request->shift);
  fields.Read("logprobs", &request->logprobs);
  fields.Read("top_logprobs", &request->top_logprobs);
  dom::element element;
  dom::array array;
  if (is_chat) {
    if (fields.Get("messages", &array) && error.empty()) {
      error = ReadMessages(array, generation, request);
    }
    if (fields.Get("tools", &array)) {
      ReadTools(array, request);
    }
  } else {
    std::string system, suffix;
    fields.Read("prompt", &request->prompt);
    fields.Read("system", &system);
    fields.Read("suffix", &suffix);
    request->words = CountWords(request->prompt) + CountWords(system) + CountWords(suffix);
    request->wants_insert = !suffix.empty();
    if (fields.Get("images", &array) && error.empty()) {
      error = ReadPictures(array, generation, request);
    }
  }
  if (fields.Get("keep_alive", &element) && error.empty()) {
    error = ReadKeepAlive(element, &request->keep_alive).text;
  }
  if (fields.Get("think", &element) && error.empty()) {
    error = ReadThink(element, request);
  }
  if (fields.Get("format", &element)) {
    ReadFormat(element, request);
  }
  if (fields.Get("options", &element)) {
    *option_error = ReadOptions(element, request);
  }
  if (error.empty() && (request->top_logprobs < 0 || request->top_logprobs > 20)) {
    error = "top_logprobs must be between 0 and 20";
  }
  return error.empty() ? RequestError() : RequestError{400, error};
}

int CountWords(std::string_view text) {
  int words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool blank = IsBlank(c);
    words += !blank && !in_word;
    in_word = !blank;
  }
  return words;
}

}  // namespace tessera::simulator
