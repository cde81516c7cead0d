// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_CURL_HTTP_CLIENT_H_
#define TESSERA_COMMON_HTTP_CURL_HTTP_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/http/http_client.h"

namespace tessera {

struct CurlHttpClientOptions {
  // Connections kept open without a request on them. At least 1.
  int max_idle_connections = 256;
  // Exchanges that may be open at once; further ones end with HTTP_TOO_MANY_TRANSFERS. At least 1.
  int max_active_transfers = 4096;
  std::string user_agent = "tessera";
  // PEM file with the authorities that https:// servers are checked against; empty: the system's.
  std::string ca_file;
};

// An HttpClient on libcurl's multi interface: HTTP/1.1, one I/O thread named "tessera-http" that
// sleeps in epoll. All signals are blocked on that thread. INVALID_ARGUMENT for options out of
// range, INTERNAL when the process has no descriptors or memory left.
absl::StatusOr<std::unique_ptr<HttpClient>> MakeCurlHttpClient(CurlHttpClientOptions options = {});

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_CURL_HTTP_CLIENT_H_
