// SPDX-License-Identifier: Apache-2.0
//
// An HTTP client without a network: each request is answered by a function of the test, at once and
// on the thread that starts it.
#ifndef TESSERA_TESTS_SERVICES_INFERENCE_ENGINE_FAKE_HTTP_CLIENT_H_
#define TESSERA_TESTS_SERVICES_INFERENCE_ENGINE_FAKE_HTTP_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/http/http_client.h"

namespace tessera::testing {

struct FakeHttpAnswer {
  int status = 200;
  // The body, cut as the network cuts it.
  std::vector<std::string> pieces;
  // How the exchange ends when the sink has taken everything. Not OK and `status` 0: no head.
  absl::Status end;
};

class FakeHttpClient : public HttpClient {
 public:
  using Answer = std::function<FakeHttpAnswer(const HttpRequest&)>;
  explicit FakeHttpClient(Answer answer) : answer_(std::move(answer)) {}

  std::shared_ptr<HttpCall> Start(HttpRequest request,
                                  std::shared_ptr<HttpResponseSink> sink) override {
    const FakeHttpAnswer answer = answer_(request);
    if (answer.status != 0) sink->OnHead({.status = answer.status, .content_type = ""});
    absl::Status end = answer.end;
    for (const std::string& piece : answer.pieces) {
      if (absl::Status refused = sink->OnData(piece); !refused.ok()) {
        end = refused;
        break;
      }
    }
    sink->OnDone(end, {});
    return std::make_shared<Call>(*this);
  }
  HttpClientStats stats() const override { return {}; }

  int cancels() const { return cancels_; }

 private:
  struct Call : HttpCall {
    explicit Call(FakeHttpClient& client_in) : client(client_in) {}
    void Cancel() override { ++client.cancels_; }
    FakeHttpClient& client;
  };

  const Answer answer_;
  int cancels_ = 0;
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SERVICES_INFERENCE_ENGINE_FAKE_HTTP_CLIENT_H_
