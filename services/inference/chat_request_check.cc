// SPDX-License-Identifier: Apache-2.0
#include "services/inference/chat_request_check.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/field_check.h"
#include "services/inference/label_question.h"
#include "services/inference/message_check.h"
#include "services/inference/sampling_check.h"

namespace tessera::inference {
namespace {

constexpr int kMaxMessages = 256;
constexpr uint32_t kMaxTopLogprobs = 20;
constexpr int kMaxEmbedTexts = 512;
constexpr size_t kMaxEmbedBytes = 8 << 20;
constexpr uint32_t kMaxDimensions = 65536;

std::string_view ModelOr(const std::string& given, bool has_images,
                         const RequestDefaults& defaults) {
  if (!given.empty()) return given;
  return has_images ? defaults.vision_model : defaults.text_model;
}

absl::StatusOr<ChatThinking> CheckThinking(v1::Thinking thinking) {
  switch (thinking) {
    case v1::THINKING_UNSPECIFIED:
      return ChatThinking::kModelsDefault;
    case v1::THINKING_OFF:
      return ChatThinking::kOff;
    case v1::THINKING_ON:
      return ChatThinking::kOn;
    case v1::THINKING_LOW:
      return ChatThinking::kLow;
    case v1::THINKING_MEDIUM:
      return ChatThinking::kMedium;
    case v1::THINKING_HIGH:
      return ChatThinking::kHigh;
    default:
      return InvalidField("thinking", "has a value that this server does not know");
  }
}

// What requests of every kind say. `deterministic`: the same answer each time.
template <typename Request>
absl::Status CheckHandling(const Request& request, bool deterministic, CheckedChat& checked) {
  switch (request.priority()) {
    case v1::PRIORITY_UNSPECIFIED:
    case v1::PRIORITY_INTERACTIVE:
      break;
    case v1::PRIORITY_BATCH:
      checked.priority = JobPriority::kBatch;
      break;
    default:
      return InvalidField("priority", "has a value that this server does not know");
  }
  switch (request.cache_policy()) {
    case v1::CACHE_POLICY_UNSPECIFIED:
      checked.reads_cache = checked.writes_cache = deterministic;
      break;
    case v1::CACHE_POLICY_OFF:
      break;
    case v1::CACHE_POLICY_USE:
      checked.reads_cache = checked.writes_cache = true;
      break;
    case v1::CACHE_POLICY_REFRESH:
      checked.writes_cache = true;
      break;
    default:
      return InvalidField("cache_policy", "has a value that this server does not know");
  }
  return absl::OkStatus();
}

absl::Status LacksCapability(std::string_view model, std::string_view capability,
                             std::string_view what) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition, "MODEL_LACKS_CAPABILITY",
      fmt::format("the model '{}' {}; choose another model", model, what),
      {.metadata = {{"model", std::string(model)}, {"capability", std::string(capability)}}});
}

}  // namespace

absl::StatusOr<CheckedChat> CheckGenerateRequest(const v1::GenerateRequest& request,
                                                 const StreamedImages& streamed,
                                                 const RequestDefaults& defaults) {
  CheckedChat checked;
  TESSERA_RETURN_IF_ERROR(CheckModelName(request.model()));
  if (request.messages_size() < 1 || request.messages_size() > kMaxMessages) {
    return InvalidField("messages", "must hold 1 to 256 messages");
  }
  for (int i = 0; i < request.messages_size(); ++i) {
    TESSERA_ASSIGN_OR_RETURN(ChatMessage message,
                             CheckMessage(fmt::format("messages[{}]", i), request.messages(i),
                                          streamed, checked.images));
    checked.bytes += SizeOf(message);
    checked.chat.messages.push_back(std::move(message));
  }
  const v1::Role last = request.messages(request.messages_size() - 1).role();
  if (last != v1::ROLE_USER && last != v1::ROLE_TOOL) {
    return InvalidField("messages", "must end with a ROLE_USER or ROLE_TOOL message");
  }
  ChatRequest& chat = checked.chat;
  chat.model = ModelOr(request.model(), !checked.images.empty(), defaults);
  TESSERA_ASSIGN_OR_RETURN(chat.sampling,
                           CheckSampling(request.sampling(), defaults.max_output_tokens));
  TESSERA_ASSIGN_OR_RETURN(
      chat.keep_alive,
      CheckKeepAlive(request.has_keep_alive(), request.keep_alive(), defaults.keep_alive));
  TESSERA_ASSIGN_OR_RETURN(checked.rules, CheckAnswerRules(request));
  chat.format_json = checked.rules.FormatJson();
  chat.tools = ToolsOf(request, checked.rules);
  for (const ChatTool& tool : chat.tools) {
    checked.bytes += tool.description.size() + tool.parameters_json.size();
  }
  TESSERA_ASSIGN_OR_RETURN(chat.thinking, CheckThinking(request.thinking()));
  if (request.top_logprobs() > kMaxTopLogprobs) {
    return InvalidField("top_logprobs", "must be in [0, 20]");
  }
  chat.logprobs = request.has_top_logprobs();
  chat.top_logprobs = request.top_logprobs();
  TESSERA_ASSIGN_OR_RETURN(chat.runtime,
                           CheckRuntime(request.runtime(), defaults.profiles.Of(chat.model),
                                        defaults.allow_runtime_options));
  TESSERA_RETURN_IF_ERROR(CheckHandling(
      request, /*deterministic=*/chat.sampling.temperature == 0 && chat.tools.empty(), checked));
  return checked;
}

absl::StatusOr<CheckedChat> CheckClassifyRequest(const v1::ClassifyRequest& request,
                                                 const RequestDefaults& defaults) {
  CheckedChat checked;
  TESSERA_RETURN_IF_ERROR(CheckModelName(request.model()));
  TESSERA_RETURN_IF_ERROR(CheckLabels(request));
  TESSERA_RETURN_IF_ERROR(CheckText("text", request.text()));
  if (request.text().empty() && request.images().empty()) {
    return InvalidField("text", "is required when there is no picture to classify");
  }
  ChatMessage question;
  TESSERA_ASSIGN_OR_RETURN(question.images,
                           CheckImages("images", request.images(), {}, checked.images));
  for (int i = 0; i < request.labels_size(); ++i) {
    TESSERA_RETURN_IF_ERROR(CheckMarker(fmt::format("labels[{}]", i), request.labels(i)));
  }
  for (int i = 0; i < request.label_descriptions_size(); ++i) {
    TESSERA_RETURN_IF_ERROR(
        CheckMarker(fmt::format("label_descriptions[{}]", i), request.label_descriptions(i)));
  }
  const auto prompt = std::make_shared<const std::string>(LabelQuestion(request));
  question.text = *prompt;
  checked.owner = prompt;
  checked.bytes += SizeOf(question);
  ChatRequest& chat = checked.chat;
  chat.messages.push_back(std::move(question));
  chat.sampling.temperature = 0;
  chat.sampling.max_output_tokens = MaxAnswerTokens(request);
  chat.format_json = LabelSchema(request);
  TESSERA_ASSIGN_OR_RETURN(
      chat.keep_alive,
      CheckKeepAlive(request.has_keep_alive(), request.keep_alive(), defaults.keep_alive));
  chat.model = ModelOr(request.model(), !checked.images.empty(), defaults);
  chat.runtime = defaults.profiles.Of(chat.model);
  TESSERA_RETURN_IF_ERROR(CheckHandling(request, /*deterministic=*/true, checked));
  return checked;
}

absl::StatusOr<CheckedChat> CheckEmbedRequest(const v1::EmbedRequest& request,
                                              const RequestDefaults& defaults) {
  CheckedChat checked;
  if (request.model().empty()) return InvalidField("model", "is required");
  TESSERA_RETURN_IF_ERROR(CheckModelName(request.model()));
  if (request.texts_size() < 1 || request.texts_size() > kMaxEmbedTexts) {
    return InvalidField("texts", fmt::format("must hold 1 to {} texts", kMaxEmbedTexts));
  }
  EmbedRequest& embed = checked.embed.emplace();
  for (int i = 0; i < request.texts_size(); ++i) {
    const std::string& text = request.texts(i);
    if (text.empty() || text.size() > kMaxTextBytes) {
      return InvalidField(fmt::format("texts[{}]", i),
                          fmt::format("must be 1 to {} bytes", kMaxTextBytes));
    }
    embed.texts.emplace_back(text);
    checked.bytes += text.size();
  }
  if (checked.bytes > kMaxEmbedBytes) {
    return InvalidField("texts", fmt::format("have {} bytes together; at most {} are allowed",
                                             checked.bytes, kMaxEmbedBytes));
  }
  if (request.has_dimensions() &&
      (request.dimensions() < 1 || request.dimensions() > kMaxDimensions)) {
    return InvalidField("dimensions", "must be in [1, 65536]");
  }
  if (request.has_dimensions()) embed.dimensions = request.dimensions();
  embed.truncate = request.truncate();
  TESSERA_ASSIGN_OR_RETURN(
      embed.keep_alive,
      CheckKeepAlive(request.has_keep_alive(), request.keep_alive(), defaults.keep_alive));
  embed.model = checked.chat.model = request.model();
  embed.runtime = defaults.profiles.Of(embed.model);
  TESSERA_RETURN_IF_ERROR(CheckHandling(request, /*deterministic=*/true, checked));
  return checked;
}

absl::Status CheckAgainstEngine(const CheckedChat& checked, const EngineSnapshot& engine) {
  const std::string_view name = checked.chat.model;
  if (checked.chat.logprobs && engine.VersionNumber() && !engine.ReportsLogprobs()) {
    return LacksCapability(name, "logprobs",
                           fmt::format("is served by Ollama {}, which tells no probabilities; "
                                       "0.12.11 and later do",
                                       engine.version));
  }
  const ModelFacts* model = engine.Find(name);
  if (model == nullptr || model->capabilities.empty()) return absl::OkStatus();
  if (!checked.images.empty() && !model->Can("vision")) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "MODEL_LACKS_VISION",
                     fmt::format("the model '{}' cannot see pictures; choose a vision model", name),
                     {.metadata = {{"model", std::string(name)}}});
  }
  if (!checked.chat.tools.empty() && !model->Can("tools")) {
    return LacksCapability(name, "tools", "cannot call tools");
  }
  const bool thinks = checked.chat.thinking != ChatThinking::kModelsDefault &&
                      checked.chat.thinking != ChatThinking::kOff;
  if (thinks && !model->Can("thinking")) {
    return LacksCapability(name, "thinking", "cannot think before it answers");
  }
  if (checked.embed && !model->Can("embedding")) {
    return LacksCapability(name, "embedding", "makes no vectors");
  }
  return absl::OkStatus();
}

}  // namespace tessera::inference
