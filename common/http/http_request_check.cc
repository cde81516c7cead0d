// SPDX-License-Identifier: Apache-2.0
#include "common/http/http_request_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/http/curl_handles.h"
#include "common/http/http_errors.h"
#include "common/status/error.h"

namespace tessera {
namespace {

absl::Status Refused(std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, kHttpRequestInvalid,
                   fmt::format("the HTTP request cannot be sent: {}", what));
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("!#$%&'*+-.^_`|~", static_cast<char>(c));
  });
}

bool IsHeaderValue(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string Part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  return CurlStringPtr(text).get();
}

}  // namespace

absl::StatusOr<std::string> EndpointOf(const std::string& url) {
  auto invalid = [](std::string_view what) {
    return MakeError(absl::StatusCode::kInvalidArgument, kHttpUrlInvalid,
                     fmt::format("the URL {}", what));
  };
  const bool has_nul = absl::StrContains(url, '\0');
  CurlUrlPtr parsed(curl_url());
  if (parsed == nullptr) {
    return MakeError(absl::StatusCode::kInternal, kHttpClientFailure, "no memory for a URL");
  }
  const CURLUcode code =
      has_nul ? CURLUE_BAD_HANDLE
              : curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), CURLU_DISALLOW_USER);
  if (code == CURLUE_USER_NOT_ALLOWED) return invalid("must not carry a user name or password");
  if (code != CURLUE_OK) {
    // What cannot be parsed cannot be cleaned of a password either.
    return invalid(absl::StrContains(url, '@') ? "cannot be parsed"
                                               : fmt::format("\"{}\" cannot be parsed", url));
  }
  const std::string scheme = Part(parsed.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return invalid(fmt::format("\"{}\" is neither http:// nor https://", url));
  }
  return fmt::format("{}:{}", Part(parsed.get(), CURLUPART_HOST),
                     Part(parsed.get(), CURLUPART_PORT));
}

absl::Status CheckHttpRequest(const HttpRequest& request) {
  if (!IsToken(request.method)) return Refused("its method is not a token");
  for (const auto& [name, value] : request.headers) {
    if (!IsToken(name)) return Refused("a header's name is not a token");
    if (!IsHeaderValue(value)) return Refused(name + " contains a line break or NUL");
    if (absl::EqualsIgnoreCase(name, "content-length") ||
        absl::EqualsIgnoreCase(name, "transfer-encoding")) {
      return Refused(name + " is set by the client itself");
    }
  }
  if (request.body_source != nullptr) {
    if (!request.body.empty()) return Refused("it has a body and a body source");
    if (request.method == "HEAD") return Refused("HEAD has no body");
    if (request.body_source->bytes() < 0) return Refused("its body's length is negative");
  }
  const HttpLimits& limits = request.limits;
  for (absl::Duration limit : {limits.connect, limits.first_byte, limits.idle, limits.total}) {
    if (limit <= absl::ZeroDuration()) return Refused("a time limit is not positive");
  }
  if (limits.max_response_bytes <= 0) return Refused("max_response_bytes is not positive");
  return absl::OkStatus();
}

}  // namespace tessera
