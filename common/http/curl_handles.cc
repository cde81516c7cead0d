// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_handles.h"

#include "common/http/http_errors.h"

namespace tessera {

void EnsureCurlIsInitialised() {
  // Never undone: other libraries of the process may be using libcurl too.
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)initialised;
}

CurlErrorKind KindOfCurlError(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
      return {absl::StatusCode::kUnavailable, kHttpConnectFailed};

    case CURLE_OPERATION_TIMEDOUT:
      return {absl::StatusCode::kUnavailable, kHttpConnectTimeout};

    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
      return {absl::StatusCode::kUnavailable, kHttpTlsFailed};

    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    // The rewind that a retry needs can only fail once the connection is lost.
    case CURLE_SEND_FAIL_REWIND:
      return {absl::StatusCode::kUnavailable, kHttpConnectionReset};

    case CURLE_WEIRD_SERVER_REPLY:
    // The URL's scheme was checked before, so this is a reply that does not begin like HTTP/1.
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_HTTP_RETURNED_ERROR:
      return {absl::StatusCode::kInternal, kHttpProtocolError};

    case CURLE_FILESIZE_EXCEEDED:
      return {absl::StatusCode::kResourceExhausted, kHttpResponseTooLarge};

    case CURLE_URL_MALFORMAT:
      return {absl::StatusCode::kInvalidArgument, kHttpUrlInvalid};

    default:
      return {absl::StatusCode::kInternal, kHttpClientFailure};
  }
}

}  // namespace tessera
