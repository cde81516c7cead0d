// SPDX-License-Identifier: Apache-2.0
#include "services/inference/models/management_errors.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <initializer_list>
#include <string>

#include "absl/strings/ascii.h"
#include "common/status/error.h"
#include "common/status/error_text.h"
#include "services/inference/engine/engine_errors.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;

constexpr size_t kMaxTextBytes = 300;

struct Meaning {
  StatusCode code;
  std::string_view reason;
  std::string_view what;  // In front of the engine's words.
};

bool HasAny(const std::string& text, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) {
    if (text.find(part) != std::string::npos) return true;
  }
  return false;
}

constexpr Meaning kNone = {StatusCode::kOk, "", ""};

Meaning MeaningOf(const std::string& lower) {
  if (HasAny(lower, {"no space left on device", "disk quota exceeded", "not enough space"})) {
    return {StatusCode::kResourceExhausted, "ENGINE_DISK_FULL", "the engine's disk is full"};
  }
  if (HasAny(lower, {"manifest: file does not exist", "manifest unknown"})) {
    return {StatusCode::kNotFound, "MODEL_NOT_IN_REGISTRY", "the registry has no such model"};
  }
  if (HasAny(lower, {"requires a newer version of ollama", "newer version of ollama"})) {
    return {StatusCode::kFailedPrecondition, "ENGINE_TOO_OLD", "the model needs a newer engine"};
  }
  if (HasAny(lower, {"dial tcp", "no such host", "i/o timeout", "tls handshake", "proxyconnect",
                     "connection refused", "connection reset by peer", "network is unreachable",
                     "max retries exceeded", "x509:"})) {
    return {StatusCode::kUnavailable, "REGISTRY_UNREACHABLE",
            "the engine cannot reach its registry"};
  }
  if (HasAny(lower, {"digest mismatch"})) {
    return {StatusCode::kDataLoss, "MODEL_FILES_DAMAGED", "a file is not what it should be"};
  }
  if (HasAny(lower, {"quantization is only supported for"})) {
    return {StatusCode::kFailedPrecondition, "QUANTIZATION_SOURCE",
            "these weights are quantised already, and what rounding took away is gone; start from "
            "the F16, BF16 or F32 edition of the model"};
  }
  if (HasAny(lower, {"unsupported quantization type"})) {
    return {StatusCode::kInvalidArgument, "QUANTIZATION_UNKNOWN",
            "the engine does not make this quantisation"};
  }
  if (lower.find("blob") != std::string::npos && lower.find("not found") != std::string::npos) {
    return {StatusCode::kFailedPrecondition, "BLOB_MISSING", "a file was not uploaded"};
  }
  if (HasAny(lower, {"unknown type", "unsupported architecture", "invalid file magic",
                     "unsupported content type", "unsupported model architecture", "no safetensors",
                     "unable to convert"})) {
    return {StatusCode::kFailedPrecondition, "MODEL_FILES_UNSUPPORTED",
            "the engine does not know this kind of model file"};
  }
  return kNone;
}

}  // namespace

absl::Status StatusFromManagementError(int http_status, std::string_view text) {
  const Meaning meaning = MeaningOf(absl::AsciiStrToLower(std::string(text)));
  if (meaning.code == StatusCode::kOk) return StatusFromEngineError(http_status, text);
  const std::string shown = ErrorText(text, kMaxTextBytes);
  return MakeError(meaning.code, meaning.reason, fmt::format("{}: {}", meaning.what, shown),
                   {.metadata = {{"engineMessage", shown}}});
}

absl::Status StatusFromManagementReply(int http_status, std::string_view body) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(body.data(), body.size()).at_key("error").get(text) == simdjson::SUCCESS) {
    return StatusFromManagementError(http_status, text);
  }
  return StatusFromHttpReply(http_status, body);
}

absl::Status AdminDisabledError() {
  return MakeError(StatusCode::kPermissionDenied, "MODEL_ADMIN_DISABLED",
                   "this server does not let callers change models; it was started without "
                   "--model-admin=allow");
}

}  // namespace tessera::inference
