// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_COMMON_HTTP_HTTP_TEST_CLIENT_H_
#define TESSERA_TESTS_COMMON_HTTP_HTTP_TEST_CLIENT_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "common/http/curl_http_client.h"
#include "common/http/http_client.h"
#include "tests/common/http/scripted_http_server.h"

namespace tessera {

inline std::unique_ptr<HttpClient> MakeTestClient(CurlHttpClientOptions options = {}) {
  auto client = MakeCurlHttpClient(std::move(options));
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

// Limits that a busy test machine does not hit by accident.
inline constexpr HttpLimits kGenerousLimits = {
    .connect = kPatience, .first_byte = kPatience, .idle = kPatience, .total = kPatience};

inline HttpRequest Get(std::string url) {
  return {.method = "GET", .url = std::move(url), .limits = kGenerousLimits};
}

inline HttpRequest Post(std::string url, std::string body) {
  return {.method = "POST",
          .url = std::move(url),
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body),
          .limits = kGenerousLimits};
}

// The script of a server that answers every request on every connection with `body`.
inline ScriptedHttpServer::Script AlwaysAnswer(std::string body) {
  return [body = std::move(body)](ScriptedConnection& connection) {
    while (connection.ReadRequest()) connection.SendAnswer(body);
  };
}

}  // namespace tessera

#endif  // TESSERA_TESTS_COMMON_HTTP_HTTP_TEST_CLIENT_H_
