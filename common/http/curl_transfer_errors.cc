// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_transfer_errors.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "common/http/http_errors.h"
#include "common/status/error.h"

namespace tessera {
namespace {

using Metadata = std::vector<std::pair<std::string, std::string>>;

absl::Status TransferError(absl::StatusCode code, std::string_view reason,
                           const HttpTransferProgress& progress, std::string_view message,
                           Metadata more = {}) {
  more.push_back({"endpoint", progress.endpoint});
  more.push_back({"receivedBytes", std::to_string(progress.received_bytes)});
  return MakeError(code, reason, message, {.metadata = std::move(more)});
}

Metadata LimitMs(absl::Duration limit) {
  return {{"limitMs", std::to_string(absl::ToInt64Milliseconds(limit))}};
}

// libcurl reports broken chunk framing like a failed read, but then no system call has failed. (A
// refused first address of several leaves its errno behind. TLS leaves none, so there a failed read
// is always taken for a lost connection.)
bool IsBrokenFraming(CURL* easy, CURLcode code) {
  if (code != CURLE_RECV_ERROR) return false;
  long os_errno = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_errno);
  char* scheme = nullptr;
  curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme);
  const bool is_tls = scheme != nullptr && absl::EqualsIgnoreCase(scheme, "https");
  return !is_tls && (os_errno == 0 || os_errno == ECONNREFUSED);
}

}  // namespace

absl::Status ConnectTimeoutError(const HttpTransferProgress& progress, absl::Duration limit) {
  return TransferError(
      absl::StatusCode::kUnavailable, kHttpConnectTimeout, progress,
      fmt::format("cannot connect to {} within {}", progress.endpoint, absl::FormatDuration(limit)),
      LimitMs(limit));
}

absl::Status FirstByteTimeoutError(const HttpTransferProgress& progress, absl::Duration limit) {
  return TransferError(absl::StatusCode::kDeadlineExceeded, kHttpFirstByteTimeout, progress,
                       fmt::format("{} did not begin its answer within {} of the request",
                                   progress.endpoint, absl::FormatDuration(limit)),
                       LimitMs(limit));
}

absl::Status IdleTimeoutError(const HttpTransferProgress& progress, absl::Duration limit) {
  return TransferError(absl::StatusCode::kDeadlineExceeded, kHttpIdleTimeout, progress,
                       fmt::format("{} sent nothing for {} in the middle of its answer",
                                   progress.endpoint, absl::FormatDuration(limit)),
                       LimitMs(limit));
}

absl::Status TotalTimeoutError(const HttpTransferProgress& progress, absl::Duration limit) {
  return TransferError(absl::StatusCode::kDeadlineExceeded, kHttpTotalTimeout, progress,
                       fmt::format("the exchange with {} did not end within {}", progress.endpoint,
                                   absl::FormatDuration(limit)),
                       LimitMs(limit));
}

absl::Status TooLargeError(const HttpTransferProgress& progress, std::string_view what,
                           int64_t limit_bytes) {
  return TransferError(
      absl::StatusCode::kResourceExhausted, kHttpResponseTooLarge, progress,
      fmt::format("the {} from {} is larger than {} bytes", what, progress.endpoint, limit_bytes),
      {{"limitBytes", std::to_string(limit_bytes)}});
}

absl::Status CancelledError(const HttpTransferProgress& progress) {
  return TransferError(
      absl::StatusCode::kCancelled, kHttpCancelled, progress,
      fmt::format("the request to {} was cancelled by its caller", progress.endpoint));
}

absl::Status ClientClosedError(const HttpTransferProgress& progress) {
  return TransferError(
      absl::StatusCode::kUnavailable, kHttpClientClosed, progress,
      fmt::format("the request to {} was given up because the HTTP client is shutting down",
                  progress.endpoint));
}

absl::Status ConnectionResetError(const HttpTransferProgress& progress, std::string_view detail) {
  return TransferError(absl::StatusCode::kUnavailable, kHttpConnectionReset, progress,
                       fmt::format("the connection broke {} the answer from {}: {}",
                                   progress.head_delivered ? "in the middle of" : "before",
                                   progress.endpoint, detail));
}

absl::Status CurlFailureError(const HttpTransferProgress& progress, CURL* easy, CURLcode code,
                              std::string_view detail) {
  if (detail.empty()) detail = curl_easy_strerror(code);
  CurlErrorKind kind = KindOfCurlError(code);
  if (IsBrokenFraming(easy, code)) kind = {absl::StatusCode::kInternal, kHttpProtocolError};
  if (kind.reason == kHttpConnectionReset) return ConnectionResetError(progress, detail);
  std::string_view what = "the exchange failed with";
  if (kind.reason == kHttpConnectFailed) what = "cannot connect to";
  if (kind.reason == kHttpTlsFailed) what = "cannot agree on TLS with";
  if (kind.reason == kHttpProtocolError) what = "no valid HTTP/1.1 answer from";
  return TransferError(kind.code, kind.reason, progress,
                       fmt::format("{} {}: {}", what, progress.endpoint, detail));
}

}  // namespace tessera
