// SPDX-License-Identifier: Apache-2.0
#include "services/inference/chat_request_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/inference/image_marker.h"
#include "services/inference/label_question.h"
#include "services/inference/unserved_fields.h"

namespace tessera::inference {
namespace {

constexpr int kMaxMessages = 256;
constexpr size_t kMaxTextBytes = 1 << 20;
constexpr int kMaxImages = 16;
constexpr size_t kMaxImageBytes = 16 << 20;
constexpr size_t kMaxModelName = 256;
constexpr uint32_t kMaxOutputTokens = 65536;
constexpr int kMaxStops = 16;
constexpr size_t kMaxStopBytes = 256;
constexpr size_t kMaxStreamId = 64;
constexpr absl::Duration kMaxKeepAlive = absl::Hours(24);

bool IsModelCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("._:/@-").find(c) != std::string_view::npos;
}

absl::Status CheckModelName(const std::string& name) {
  if (name.size() > kMaxModelName || !std::all_of(name.begin(), name.end(), IsModelCharacter)) {
    return InvalidField("model",
                        "must be at most 256 letters, digits, '.', '_', ':', '/', '@', '-'");
  }
  // Ollama would send such a request, pictures included, to somebody else's machine.
  const std::string lower = absl::AsciiStrToLower(name);
  for (const std::string_view suffix : {":cloud", "-cloud"}) {
    if (lower.size() >= suffix.size() && lower.ends_with(suffix)) {
      return InvalidField("model", "names a cloud model; only models of this host are served");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::Duration> KeepAlive(bool given, const google::protobuf::Duration& duration,
                                         absl::Duration fallback) {
  if (!given) return fallback;
  const absl::Duration value = FromProto(duration);
  if (value < absl::ZeroDuration() || value > kMaxKeepAlive) {
    return InvalidField("keep_alive", "must be between 0 s and 24 h");
  }
  return value;
}

// True when the field is unset or within [low, high]; NaN is outside every range.
template <typename T>
bool Within(bool has, T value, T low, T high) {
  return !has || (value >= low && value <= high);
}

absl::StatusOr<ChatSampling> CheckSampling(const v1::SamplingOptions& given,
                                           const RequestDefaults& defaults) {
  const auto invalid = [](const char* field, const char* range) {
    return InvalidField(fmt::format("sampling.{}", field), fmt::format("must be in {}", range));
  };
  if (!Within(given.has_max_output_tokens(), given.max_output_tokens(), 1U, kMaxOutputTokens)) {
    return invalid("max_output_tokens", "[1, 65536]");
  }
  if (!Within(given.has_temperature(), given.temperature(), 0.F, 2.F)) {
    return invalid("temperature", "[0, 2]");
  }
  if (!Within(given.has_top_k(), given.top_k(), 1U, 100'000U))
    return invalid("top_k", "[1, 100000]");
  if (!Within(given.has_top_p(), given.top_p(), 0.F, 1.F) ||
      (given.has_top_p() && given.top_p() == 0)) {
    return invalid("top_p", "(0, 1]");
  }
  if (!Within(given.has_min_p(), given.min_p(), 0.F, 1.F)) return invalid("min_p", "[0, 1]");
  if (!Within(given.has_repeat_penalty(), given.repeat_penalty(), 0.F, 2.F) ||
      (given.has_repeat_penalty() && given.repeat_penalty() == 0)) {
    return invalid("repeat_penalty", "(0, 2]");
  }
  if (!Within(given.has_seed(), given.seed(), 0U, 2'147'483'647U)) {
    return invalid("seed", "[0, 2147483647]");
  }
  if (given.stop_size() > kMaxStops) return InvalidField("sampling.stop", "has more than 16 texts");
  ChatSampling sampling;
  for (const std::string& stop : given.stop()) {
    if (stop.empty() || stop.size() > kMaxStopBytes) {
      return InvalidField("sampling.stop", "must hold texts of 1 to 256 bytes");
    }
    sampling.stop.emplace_back(stop);
  }
  // Always sent: without it the engine may go on until ten times its context.
  sampling.max_output_tokens =
      given.has_max_output_tokens() ? given.max_output_tokens() : defaults.max_output_tokens;
  if (given.has_temperature()) sampling.temperature = given.temperature();
  if (given.has_top_k()) sampling.top_k = given.top_k();
  if (given.has_top_p()) sampling.top_p = given.top_p();
  if (given.has_min_p()) sampling.min_p = given.min_p();
  if (given.has_repeat_penalty()) sampling.repeat_penalty = given.repeat_penalty();
  if (given.has_seed()) sampling.seed = given.seed();
  return sampling;
}

absl::Status CheckMarker(const std::string& field, const std::string& text) {
  if (const std::optional<std::string_view> marker = FindImageMarker(text)) {
    return MakeError(absl::StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER",
                     fmt::format("{} contains '{}', which the engine would take for a picture; "
                                 "remove it or write it differently",
                                 field, *marker),
                     {.metadata = {{"field", field}, {"marker", std::string(*marker)}},
                      .fields = {{field, "contains a picture marker of the engine"}}});
  }
  return absl::OkStatus();
}

absl::Status CheckText(const std::string& field, const std::string& text) {
  if (text.size() > kMaxTextBytes) {
    return InvalidField(
        field, fmt::format("has {} bytes; at most {} are allowed", text.size(), kMaxTextBytes));
  }
  return CheckMarker(field, text);
}

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

absl::StatusOr<std::vector<std::string_view>> CheckImages(
    const std::string& field, const google::protobuf::RepeatedPtrField<image::v1::Image>& images,
    const StreamedImages& streamed, CheckedChat& checked) {
  std::vector<std::string_view> views;
  for (int i = 0; i < images.size(); ++i) {
    TESSERA_ASSIGN_OR_RETURN(const image::v1::PreparedImage* prepared,
                             FindPrepared(fmt::format("{}[{}]", field, i), images[i], streamed));
    checked.images.push_back(prepared);
    checked.bytes += prepared->data().size();
    views.emplace_back(prepared->data());
    if (checked.images.size() > kMaxImages) {
      return InvalidField(field,
                          fmt::format("brings the request to more than {} pictures", kMaxImages));
    }
  }
  return views;
}

absl::StatusOr<ChatRole> CheckRole(const std::string& field, v1::Role role) {
  switch (role) {
    case v1::ROLE_SYSTEM:
      return ChatRole::kSystem;
    case v1::ROLE_USER:
      return ChatRole::kUser;
    case v1::ROLE_ASSISTANT:
      return ChatRole::kAssistant;
    default:
      return InvalidField(field, "must be ROLE_SYSTEM, ROLE_USER or ROLE_ASSISTANT");
  }
}

absl::Status CheckMessage(const v1::Message& message, int position, const StreamedImages& streamed,
                          CheckedChat& checked) {
  const std::string field = fmt::format("messages[{}]", position);
  ChatMessage chat_message;
  TESSERA_ASSIGN_OR_RETURN(chat_message.role, CheckRole(field + ".role", message.role()));
  TESSERA_RETURN_IF_ERROR(CheckText(field + ".text", message.text()));
  if (message.text().empty() && message.images().empty()) {
    return InvalidField(field, "has neither text nor pictures");
  }
  if (!message.images().empty() && message.role() != v1::ROLE_USER) {
    return InvalidField(field + ".images", "are allowed in ROLE_USER messages only");
  }
  chat_message.text = message.text();
  checked.bytes += message.text().size();
  TESSERA_ASSIGN_OR_RETURN(chat_message.images,
                           CheckImages(field + ".images", message.images(), streamed, checked));
  checked.chat.messages.push_back(std::move(chat_message));
  return absl::OkStatus();
}

std::string_view ModelOr(const std::string& given, bool has_images,
                         const RequestDefaults& defaults) {
  if (!given.empty()) return given;
  return has_images ? defaults.vision_model : defaults.text_model;
}

absl::StatusOr<JobPriority> CheckPriority(v1::Priority priority) {
  switch (priority) {
    case v1::PRIORITY_UNSPECIFIED:
    case v1::PRIORITY_INTERACTIVE:
      return JobPriority::kInteractive;
    case v1::PRIORITY_BATCH:
      return JobPriority::kBatch;
    default:
      return InvalidField("priority", "is not a known priority");
  }
}

}  // namespace

absl::StatusOr<CheckedChat> CheckGenerateRequest(const v1::GenerateRequest& request,
                                                 const StreamedImages& streamed,
                                                 const RequestDefaults& defaults) {
  TESSERA_RETURN_IF_ERROR(CheckServed(request));
  CheckedChat checked;
  TESSERA_ASSIGN_OR_RETURN(checked.priority, CheckPriority(request.priority()));
  TESSERA_RETURN_IF_ERROR(CheckModelName(request.model()));
  if (request.messages_size() < 1 || request.messages_size() > kMaxMessages) {
    return InvalidField("messages", "must hold 1 to 256 messages");
  }
  for (int i = 0; i < request.messages_size(); ++i) {
    TESSERA_RETURN_IF_ERROR(CheckMessage(request.messages(i), i, streamed, checked));
  }
  if (request.messages(request.messages_size() - 1).role() != v1::ROLE_USER) {
    return InvalidField("messages", "must end with a ROLE_USER message");
  }
  TESSERA_ASSIGN_OR_RETURN(checked.chat.sampling, CheckSampling(request.sampling(), defaults));
  TESSERA_ASSIGN_OR_RETURN(
      checked.chat.keep_alive,
      KeepAlive(request.has_keep_alive(), request.keep_alive(), defaults.keep_alive));
  checked.chat.model = ModelOr(request.model(), !checked.images.empty(), defaults);
  return checked;
}

absl::StatusOr<CheckedChat> CheckClassifyRequest(const v1::ClassifyRequest& request,
                                                 const RequestDefaults& defaults,
                                                 std::string& prompt) {
  TESSERA_RETURN_IF_ERROR(CheckServed(request));
  CheckedChat checked;
  TESSERA_ASSIGN_OR_RETURN(checked.priority, CheckPriority(request.priority()));
  TESSERA_RETURN_IF_ERROR(CheckModelName(request.model()));
  TESSERA_RETURN_IF_ERROR(CheckLabels(request.labels()));
  TESSERA_RETURN_IF_ERROR(CheckText("text", request.text()));
  if (request.text().empty() && request.images().empty()) {
    return InvalidField("text", "is required when there is no picture to classify");
  }
  ChatMessage question;
  TESSERA_ASSIGN_OR_RETURN(question.images, CheckImages("images", request.images(), {}, checked));
  for (int i = 0; i < request.labels_size(); ++i) {
    TESSERA_RETURN_IF_ERROR(CheckMarker(fmt::format("labels[{}]", i), request.labels(i)));
  }
  prompt = LabelQuestion(request);
  question.text = prompt;
  checked.bytes += prompt.size();
  checked.chat.messages.push_back(std::move(question));
  checked.chat.sampling.temperature = 0;
  checked.chat.sampling.max_output_tokens = MaxAnswerTokens(request.labels());
  checked.chat.format_json = LabelSchema(request.labels());
  TESSERA_ASSIGN_OR_RETURN(
      checked.chat.keep_alive,
      KeepAlive(request.has_keep_alive(), request.keep_alive(), defaults.keep_alive));
  checked.chat.model = ModelOr(request.model(), !checked.images.empty(), defaults);
  return checked;
}

absl::Status CheckAgainstEngine(const CheckedChat& checked, const EngineSnapshot& engine) {
  const ModelFacts* model = engine.Find(checked.chat.model);
  if (model == nullptr || model->capabilities.empty()) return absl::OkStatus();
  if (!checked.images.empty() && !model->Can("vision")) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "MODEL_LACKS_VISION",
                     fmt::format("the model '{}' cannot see pictures; choose a vision model",
                                 checked.chat.model),
                     {.metadata = {{"model", std::string(checked.chat.model)}}});
  }
  return absl::OkStatus();
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
