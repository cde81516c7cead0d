// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/model_name.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "common/status/error.h"

namespace tessera::inference {
namespace {

constexpr size_t kMaxNameBytes = 350;
constexpr std::string_view kDigestPrefix = "sha256:";
constexpr size_t kDigestDigits = 64;

bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-' ||
         c == '/' || c == ':';
}

}  // namespace

absl::Status CheckModelName(std::string_view field, std::string_view name) {
  if (name.empty()) return InvalidField(field, "must name a model");
  if (name.size() > kMaxNameBytes) return InvalidField(field, "must have at most 350 bytes");
  if (!std::all_of(name.begin(), name.end(), IsNameByte) || name.find("..") != name.npos ||
      !absl::ascii_isalnum(static_cast<unsigned char>(name.front())) || name.back() == ':' ||
      name.back() == '/') {
    return InvalidField(field, "must be [host/][namespace/]name[:tag]");
  }
  if (name.ends_with(":cloud") || name.ends_with("-cloud")) {
    return InvalidField(field, "names a model that runs on somebody else's servers");
  }
  return absl::OkStatus();
}

absl::Status CheckDigest(std::string_view field, std::string_view digest) {
  const bool prefixed = digest.starts_with(kDigestPrefix);
  const std::string_view hex = prefixed ? digest.substr(kDigestPrefix.size()) : "";
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (hex.size() != kDigestDigits || !std::all_of(hex.begin(), hex.end(), is_hex)) {
    return InvalidField(field, "must be sha256: and 64 lower-case hexadecimal digits");
  }
  return absl::OkStatus();
}

std::string WithTag(std::string_view name) {
  const size_t slash = name.rfind('/');
  const std::string_view last = slash == name.npos ? name : name.substr(slash + 1);
  return std::string(name) + (last.find(':') == last.npos ? ":latest" : "");
}

}  // namespace tessera::inference
