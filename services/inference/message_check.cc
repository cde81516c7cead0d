// SPDX-License-Identifier: Apache-2.0
#include "services/inference/message_check.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/field_check.h"

namespace tessera::inference {
namespace {

constexpr size_t kMaxImages = 16;
constexpr size_t kMaxImageBytes = 16 << 20;
constexpr size_t kMaxStreamId = 64;
constexpr int kMaxToolCalls = 64;
constexpr size_t kMaxToolCallId = 256;

absl::StatusOr<const image::v1::PreparedImage*> FindPrepared(const std::string& field,
                                                             const image::v1::Image& image,
                                                             const StreamedImages& streamed) {
  const image::v1::PreparedImage* prepared = nullptr;
  switch (image.source_case()) {
    case image::v1::Image::kPrepared:
      prepared = &image.prepared();
      break;
    case image::v1::Image::kStreamId: {
      const auto found = streamed.find(image.stream_id());
      if (found == streamed.end()) {
        return InvalidField(
            field, fmt::format("promises the picture '{}', which never came", image.stream_id()));
      }
      prepared = &found->second;
      break;
    }
    case image::v1::Image::kContent:
      return MakeError(absl::StatusCode::kInvalidArgument, "IMAGE_NOT_PREPARED",
                       fmt::format("{} is a picture file; send it to tessera-preprocess, or "
                                   "prepare it with PreprocessImage first",
                                   field),
                       {.metadata = {{"field", field}}});
    case image::v1::Image::SOURCE_NOT_SET:
      return InvalidField(field, "has no source");
  }
  if (prepared->data().empty() || prepared->data().size() > kMaxImageBytes) {
    return InvalidField(field,
                        fmt::format("must hold 1 to {} bytes of prepared picture", kMaxImageBytes));
  }
  return prepared;
}

absl::StatusOr<ChatRole> CheckRole(const std::string& field, v1::Role role) {
  switch (role) {
    case v1::ROLE_SYSTEM:
      return ChatRole::kSystem;
    case v1::ROLE_USER:
      return ChatRole::kUser;
    case v1::ROLE_ASSISTANT:
      return ChatRole::kAssistant;
    case v1::ROLE_TOOL:
      return ChatRole::kTool;
    default:
      return InvalidField(field, "must be ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT or ROLE_TOOL");
  }
}

absl::StatusOr<std::vector<ChatToolCall>> CheckToolCalls(const v1::Message& message,
                                                         const std::string& field) {
  std::vector<ChatToolCall> calls;
  if (message.tool_calls_size() > kMaxToolCalls) {
    return InvalidField(field, fmt::format("holds more than {} calls", kMaxToolCalls));
  }
  for (int i = 0; i < message.tool_calls_size(); ++i) {
    const v1::ToolCall& call = message.tool_calls(i);
    const std::string place = fmt::format("{}[{}]", field, i);
    if (!IsToolName(call.name())) {
      return InvalidField(place + ".name", "must be 1 to 64 letters, digits, '_', '-' or '.'");
    }
    TESSERA_RETURN_IF_ERROR(CheckText(place + ".arguments_json", call.arguments_json()));
    const auto arguments = nlohmann::json::parse(call.arguments_json(), /*cb=*/nullptr,
                                                 /*allow_exceptions=*/false);
    if (!arguments.is_object()) {
      return InvalidField(place + ".arguments_json", "must be a JSON object");
    }
    TESSERA_RETURN_IF_ERROR(CheckText(place + ".id", call.id(), kMaxToolCallId));
    calls.push_back(
        {.name = call.name(), .arguments_json = call.arguments_json(), .id = call.id()});
  }
  return calls;
}

// What only some roles may say.
absl::Status CheckOfRole(const v1::Message& message, const std::string& field) {
  if (!message.images().empty() && message.role() != v1::ROLE_USER) {
    return InvalidField(field + ".images", "are allowed in ROLE_USER messages only");
  }
  if (!message.tool_calls().empty() && message.role() != v1::ROLE_ASSISTANT) {
    return InvalidField(field + ".tool_calls", "are allowed in ROLE_ASSISTANT messages only");
  }
  if (!message.thinking().empty() && message.role() != v1::ROLE_ASSISTANT) {
    return InvalidField(field + ".thinking", "is allowed in ROLE_ASSISTANT messages only");
  }
  if ((message.role() == v1::ROLE_TOOL) != !message.tool_name().empty()) {
    return InvalidField(field + ".tool_name", "must be set in ROLE_TOOL messages, and only there");
  }
  if (!message.tool_name().empty() && !IsToolName(message.tool_name())) {
    return InvalidField(field + ".tool_name", "must be 1 to 64 letters, digits, '_', '-' or '.'");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string_view>> CheckImages(
    const std::string& field, const google::protobuf::RepeatedPtrField<image::v1::Image>& images,
    const StreamedImages& streamed, PreparedImages& all) {
  std::vector<std::string_view> views;
  for (int i = 0; i < images.size(); ++i) {
    TESSERA_ASSIGN_OR_RETURN(const image::v1::PreparedImage* prepared,
                             FindPrepared(fmt::format("{}[{}]", field, i), images[i], streamed));
    all.push_back(prepared);
    views.emplace_back(prepared->data());
    if (all.size() > kMaxImages) {
      return InvalidField(field,
                          fmt::format("brings the request to more than {} pictures", kMaxImages));
    }
  }
  return views;
}

absl::StatusOr<ChatMessage> CheckMessage(const std::string& field, const v1::Message& message,
                                         const StreamedImages& streamed, PreparedImages& all) {
  ChatMessage checked;
  TESSERA_ASSIGN_OR_RETURN(checked.role, CheckRole(field + ".role", message.role()));
  TESSERA_RETURN_IF_ERROR(CheckText(field + ".text", message.text()));
  if (message.text().empty() && message.images().empty() && message.tool_calls().empty()) {
    return InvalidField(field, "has neither text nor pictures nor tool calls");
  }
  TESSERA_RETURN_IF_ERROR(CheckOfRole(message, field));
  TESSERA_RETURN_IF_ERROR(CheckText(field + ".thinking", message.thinking()));
  TESSERA_ASSIGN_OR_RETURN(checked.tool_calls, CheckToolCalls(message, field + ".tool_calls"));
  checked.text = message.text();
  checked.thinking = message.thinking();
  checked.tool_name = message.tool_name();
  TESSERA_ASSIGN_OR_RETURN(checked.images,
                           CheckImages(field + ".images", message.images(), streamed, all));
  return checked;
}

size_t SizeOf(const ChatMessage& message) {
  size_t bytes = message.text.size() + message.thinking.size();
  for (const ChatToolCall& call : message.tool_calls) bytes += call.arguments_json.size();
  for (const std::string_view image : message.images) bytes += image.size();
  return bytes;
}

absl::StatusOr<std::vector<std::string>> PromisedImages(const v1::GenerateRequest& request) {
  std::vector<std::string> promised;
  std::set<std::string> seen;
  for (const v1::Message& message : request.messages()) {
    for (const image::v1::Image& image : message.images()) {
      if (image.source_case() != image::v1::Image::kStreamId) continue;
      if (image.stream_id().empty() || image.stream_id().size() > kMaxStreamId) {
        return InvalidField("stream_id", "must be 1 to 64 characters");
      }
      if (!seen.insert(image.stream_id()).second) {
        return InvalidField("stream_id", fmt::format("'{}' is promised twice", image.stream_id()));
      }
      promised.push_back(image.stream_id());
    }
  }
  if (promised.size() > kMaxImages) {
    return InvalidField("messages", fmt::format("promise more than {} pictures", kMaxImages));
  }
  return promised;
}

}  // namespace tessera::inference
