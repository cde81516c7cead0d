// SPDX-License-Identifier: Apache-2.0
#include "services/inference/field_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "services/inference/image_marker.h"

namespace tessera::inference {
namespace {

constexpr size_t kMaxModelName = 256;
constexpr size_t kMaxToolName = 64;
constexpr absl::Duration kMaxKeepAlive = absl::Hours(24);

bool IsOneOf(char c, std::string_view others) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         others.find(c) != std::string_view::npos;
}

}  // namespace

absl::Status CheckModelName(const std::string& name) {
  if (name.size() > kMaxModelName ||
      !std::all_of(name.begin(), name.end(), [](char c) { return IsOneOf(c, "._:/@-"); })) {
    return InvalidField("model",
                        "must be at most 256 letters, digits, '.', '_', ':', '/', '@', '-'");
  }
  const std::string lower = absl::AsciiStrToLower(name);
  for (const std::string_view suffix : {":cloud", "-cloud"}) {
    if (lower.size() >= suffix.size() && lower.ends_with(suffix)) {
      return InvalidField("model", "names a cloud model; only models of this host are served");
    }
  }
  return absl::OkStatus();
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

absl::Status CheckText(const std::string& field, const std::string& text, size_t max_bytes) {
  if (text.size() > max_bytes) {
    return InvalidField(
        field, fmt::format("has {} bytes; at most {} are allowed", text.size(), max_bytes));
  }
  return CheckMarker(field, text);
}

absl::StatusOr<absl::Duration> CheckKeepAlive(bool given,
                                              const google::protobuf::Duration& duration,
                                              absl::Duration fallback) {
  if (!given) return fallback;
  const absl::Duration value = FromProto(duration);
  if (value < absl::ZeroDuration() || value > kMaxKeepAlive) {
    return InvalidField("keep_alive", "must be between 0 s and 24 h");
  }
  return value;
}

bool IsToolName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxToolName &&
         std::all_of(name.begin(), name.end(), [](char c) { return IsOneOf(c, "_-."); });
}

}  // namespace tessera::inference
