// SPDX-License-Identifier: Apache-2.0
#include "common/http/curl_handles.h"

#include <gtest/gtest.h>

#include "common/http/http_errors.h"

namespace tessera {
namespace {

TEST(CurlHandlesTest, GivesEveryCodeThatMattersItsKind) {
  struct Case {
    CURLcode code;
    absl::StatusCode expected;
    std::string_view reason;
  };
  for (const Case& test : std::initializer_list<Case>{
           {CURLE_COULDNT_RESOLVE_HOST, absl::StatusCode::kUnavailable, kHttpConnectFailed},
           {CURLE_COULDNT_CONNECT, absl::StatusCode::kUnavailable, kHttpConnectFailed},
           {CURLE_OPERATION_TIMEDOUT, absl::StatusCode::kUnavailable, kHttpConnectTimeout},
           {CURLE_PEER_FAILED_VERIFICATION, absl::StatusCode::kUnavailable, kHttpTlsFailed},
           {CURLE_GOT_NOTHING, absl::StatusCode::kUnavailable, kHttpConnectionReset},
           {CURLE_PARTIAL_FILE, absl::StatusCode::kUnavailable, kHttpConnectionReset},
           {CURLE_SEND_ERROR, absl::StatusCode::kUnavailable, kHttpConnectionReset},
           {CURLE_WEIRD_SERVER_REPLY, absl::StatusCode::kInternal, kHttpProtocolError},
           {CURLE_UNSUPPORTED_PROTOCOL, absl::StatusCode::kInternal, kHttpProtocolError},
           {CURLE_URL_MALFORMAT, absl::StatusCode::kInvalidArgument, kHttpUrlInvalid},
           {CURLE_OUT_OF_MEMORY, absl::StatusCode::kInternal, kHttpClientFailure},
       }) {
    const CurlErrorKind kind = KindOfCurlError(test.code);
    EXPECT_EQ(kind.code, test.expected) << curl_easy_strerror(test.code);
    EXPECT_EQ(kind.reason, test.reason) << curl_easy_strerror(test.code);
  }
}

TEST(CurlHandlesTest, NeverCallsAFailureOk) {
  for (int code = 1; code < CURL_LAST; ++code) {
    const CurlErrorKind kind = KindOfCurlError(static_cast<CURLcode>(code));
    EXPECT_NE(kind.code, absl::StatusCode::kOk) << code;
    EXPECT_FALSE(kind.reason.empty()) << code;
  }
}

}  // namespace
}  // namespace tessera
