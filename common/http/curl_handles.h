// SPDX-License-Identifier: Apache-2.0
//
// The homes of libcurl's handles, and what its error codes mean here. Included by curl_*.cc only.
#ifndef TESSERA_COMMON_HTTP_CURL_HANDLES_H_
#define TESSERA_COMMON_HTTP_CURL_HANDLES_H_

#include <curl/curl.h>

#include <memory>
#include <string_view>

#include "absl/status/status.h"

namespace tessera {

struct CurlEasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct CurlMultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct CurlHeadersDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct CurlUrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct CurlStringDeleter {
  void operator()(char* text) const { curl_free(text); }
};

using CurlEasyPtr = std::unique_ptr<CURL, CurlEasyDeleter>;
using CurlMultiPtr = std::unique_ptr<CURLM, CurlMultiDeleter>;
using CurlHeadersPtr = std::unique_ptr<curl_slist, CurlHeadersDeleter>;
using CurlUrlPtr = std::unique_ptr<CURLU, CurlUrlDeleter>;
using CurlStringPtr = std::unique_ptr<char, CurlStringDeleter>;

// Initialises libcurl once per process; thread-safe.
void EnsureCurlIsInitialised();

// The status code and reason of a failed transfer.
struct CurlErrorKind {
  absl::StatusCode code;
  std::string_view reason;
};

// `code` must not be CURLE_OK. Time-outs are taken for connect time-outs, the only ones that the
// library is asked to watch.
CurlErrorKind KindOfCurlError(CURLcode code);

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_CURL_HANDLES_H_
