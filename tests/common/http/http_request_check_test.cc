// SPDX-License-Identifier: Apache-2.0
#include "common/http/http_request_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/http/http_errors.h"
#include "common/status/error.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(EndpointOfTest, NamesHostAndPort) {
  EXPECT_EQ(*EndpointOf("http://127.0.0.1:11434/api/chat"), "127.0.0.1:11434");
  EXPECT_EQ(*EndpointOf("http://gpu-1"), "gpu-1:80");
  EXPECT_EQ(*EndpointOf("https://gpu-1/x?y"), "gpu-1:443");
  EXPECT_EQ(*EndpointOf("http://[::1]:8080/"), "[::1]:8080");
}

TEST(EndpointOfTest, RefusesWhatIsNotAnAbsoluteHttpUrl) {
  for (const std::string& url :
       {std::string(), std::string("/api/chat"), std::string("http://"), std::string("http://a b/"),
        std::string("http://host:99999/"), std::string("ftp://host/"), std::string("file:///etc"),
        std::string("http://host/\0x", 14)}) {
    auto endpoint = EndpointOf(url);
    EXPECT_EQ(endpoint.status().code(), absl::StatusCode::kInvalidArgument) << url;
    EXPECT_EQ(ReasonOf(endpoint.status()), kHttpUrlInvalid) << url;
  }
}

TEST(EndpointOfTest, RefusesCredentialsWithoutRepeatingThem) {
  for (const char* url : {"http://me:secret@host/", "http://me:secret@ho st/"}) {
    auto endpoint = EndpointOf(url);
    EXPECT_EQ(ReasonOf(endpoint.status()), kHttpUrlInvalid) << url;
    EXPECT_THAT(std::string(endpoint.status().message()), Not(HasSubstr("secret")));
  }
}

TEST(CheckHttpRequestTest, RefusesWhatWouldBreakTheMessage) {
  const HttpRequest good = {.method = "POST", .url = "http://h/", .headers = {{"X-A", "b"}}};
  EXPECT_TRUE(CheckHttpRequest(good).ok());
  struct Case {
    const char* what;
    void (*spoil)(HttpRequest&);
  };
  for (const Case& test : std::initializer_list<Case>{
           {"empty method", [](HttpRequest& r) { r.method = ""; }},
           {"two methods", [](HttpRequest& r) { r.method = "GET /\r\nPOST"; }},
           {"header name",
            [](HttpRequest& r) {
              r.headers = {{"A: b\r\nC", "d"}};
            }},
           {"empty header name",
            [](HttpRequest& r) {
              r.headers = {{"", "d"}};
            }},
           {"header value",
            [](HttpRequest& r) {
              r.headers = {{"A", "b\nC: d"}};
            }},
           {"length",
            [](HttpRequest& r) {
              r.headers = {{"content-LENGTH", "3"}};
            }},
           {"coding",
            [](HttpRequest& r) {
              r.headers = {{"Transfer-Encoding", "chunked"}};
            }},
           {"zero limit", [](HttpRequest& r) { r.limits.idle = absl::ZeroDuration(); }},
           {"negative limit", [](HttpRequest& r) { r.limits.total = absl::Seconds(-1); }},
           {"no bytes", [](HttpRequest& r) { r.limits.max_response_bytes = 0; }},
       }) {
    HttpRequest request = good;
    test.spoil(request);
    const absl::Status status = CheckHttpRequest(request);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << test.what;
    EXPECT_EQ(ReasonOf(status), kHttpRequestInvalid) << test.what;
  }
}

}  // namespace
}  // namespace tessera
