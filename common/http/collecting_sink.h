// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_COMMON_HTTP_COLLECTING_SINK_H_
#define TESSERA_COMMON_HTTP_COLLECTING_SINK_H_

#include <string>
#include <string_view>

#include "common/http/http_client.h"

namespace tessera {

struct HttpResponse {
  // Any HTTP status; 404 and 500 are responses, not errors.
  int status = 0;
  std::string content_type;
  std::string body;
};

// Collects a response whole, bounded by the request's limits.max_response_bytes; what becomes of it
// when it is complete, OnDone says.
class CollectingSink : public HttpResponseSink {
 public:
  void OnHead(const HttpHead& head) final {
    response_.status = head.status;
    response_.content_type = head.content_type;
  }
  absl::Status OnData(std::string_view bytes) final {
    response_.body.append(bytes);
    return absl::OkStatus();
  }

 protected:
  HttpResponse response_;
};

}  // namespace tessera

#endif  // TESSERA_COMMON_HTTP_COLLECTING_SINK_H_
