// SPDX-License-Identifier: Apache-2.0
//
// The errors of transfers (http_errors.h) in words: each names the endpoint and the limit.
#ifndef TESSERA_COMMON_HTTP_CURL_TRANSFER_ERRORS_H_
#define TESSERA_COMMON_HTTP_CURL_TRANSFER_ERRORS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/http/curl_handles.h"

namespace tessera {

// How far a transfer had come when it failed.
struct HttpTransferProgress {
  std::string endpoint;
  // The head of the answer had arrived.
  bool head_delivered = false;
  // Bytes of the answer's body.
  int64_t received_bytes = 0;
};

absl::Status ConnectTimeoutError(const HttpTransferProgress& progress, absl::Duration limit);
absl::Status FirstByteTimeoutError(const HttpTransferProgress& progress, absl::Duration limit);
absl::Status IdleTimeoutError(const HttpTransferProgress& progress, absl::Duration limit);
absl::Status TotalTimeoutError(const HttpTransferProgress& progress, absl::Duration limit);

// `what` is the part that is too large: "answer", "head of the answer".
absl::Status TooLargeError(const HttpTransferProgress& progress, std::string_view what,
                           int64_t limit_bytes);
absl::Status CancelledError(const HttpTransferProgress& progress);
absl::Status ClientClosedError(const HttpTransferProgress& progress);
absl::Status ConnectionResetError(const HttpTransferProgress& progress, std::string_view detail);

// What libcurl reported on `easy`, time-outs excepted. `detail` is its own text, may be empty.
absl::Status CurlFailureError(const HttpTransferProgress& progress, CURL* easy, CURLcode code,
                              std::string_view detail);

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_CURL_TRANSFER_ERRORS_H_
