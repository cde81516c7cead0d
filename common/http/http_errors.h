// SPDX-License-Identifier: Apache-2.0
//
// The reasons of the errors that HttpResponseSink::OnDone reports, with their codes.
//
// Every message names the endpoint (host:port) and the limit that was hit; the metadata has them
// again under "endpoint" and "limitMs" or "limitBytes".
#ifndef TESSERA_COMMON_HTTP_HTTP_ERRORS_H_
#define TESSERA_COMMON_HTTP_HTTP_ERRORS_H_

#include <string_view>

namespace tessera {

// UNAVAILABLE: nobody answers there now; another endpoint, or a later try, may work.
inline constexpr std::string_view kHttpConnectFailed = "HTTP_CONNECT_FAILED";
inline constexpr std::string_view kHttpConnectTimeout = "HTTP_CONNECT_TIMEOUT";
inline constexpr std::string_view kHttpTlsFailed = "HTTP_TLS_FAILED";
// UNAVAILABLE: the server went away before the end of its answer. The request may have had effect.
inline constexpr std::string_view kHttpConnectionReset = "HTTP_CONNECTION_RESET";
// UNAVAILABLE: this process is stopping.
inline constexpr std::string_view kHttpClientClosed = "HTTP_CLIENT_CLOSED";

// DEADLINE_EXCEEDED: a limit of HttpLimits passed.
inline constexpr std::string_view kHttpFirstByteTimeout = "HTTP_FIRST_BYTE_TIMEOUT";
inline constexpr std::string_view kHttpIdleTimeout = "HTTP_IDLE_TIMEOUT";
inline constexpr std::string_view kHttpTotalTimeout = "HTTP_TOTAL_TIMEOUT";

// RESOURCE_EXHAUSTED without RetryInfo, as gRPC itself reports a message over its limit: waiting
// does not help, asking for less or raising max_response_bytes does.
inline constexpr std::string_view kHttpResponseTooLarge = "HTTP_RESPONSE_TOO_LARGE";
// RESOURCE_EXHAUSTED: the client carries as many exchanges as it is allowed to.
inline constexpr std::string_view kHttpTooManyTransfers = "HTTP_TOO_MANY_TRANSFERS";

// INTERNAL: what answers does not speak HTTP/1.1, or broke off inside its own framing.
inline constexpr std::string_view kHttpProtocolError = "HTTP_PROTOCOL_ERROR";
// INTERNAL: the client itself failed (memory, an unexpected library error).
inline constexpr std::string_view kHttpClientFailure = "HTTP_CLIENT_FAILURE";

// CANCELLED: HttpCall::Cancel() was called.
inline constexpr std::string_view kHttpCancelled = "HTTP_CANCELLED";

// INVALID_ARGUMENT: the request cannot be sent as it is.
inline constexpr std::string_view kHttpUrlInvalid = "HTTP_URL_INVALID";
inline constexpr std::string_view kHttpRequestInvalid = "HTTP_REQUEST_INVALID";

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_HTTP_ERRORS_H_
