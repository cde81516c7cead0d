// SPDX-License-Identifier: Apache-2.0
#include "common/http/fetch_all.h"

#include <memory>
#include <utility>

#include "common/concurrency/notification.h"

namespace tessera {
namespace {

class CollectingSink final : public HttpResponseSink {
 public:
  void OnHead(const HttpHead& head) override {
    response_.status = head.status;
    response_.content_type = head.content_type;
  }

  absl::Status OnData(std::string_view bytes) override {
    response_.body.append(bytes);
    return absl::OkStatus();
  }

  void OnDone(const absl::Status& status, const HttpStats&) override {
    status_ = status;
    done_.Notify();
  }

  absl::StatusOr<HttpResponse> Wait() {
    done_.Wait();
    if (!status_.ok()) return status_;
    return std::move(response_);
  }

 private:
  HttpResponse response_;
  absl::Status status_;
  Notification done_;
};

}  // namespace

absl::StatusOr<HttpResponse> FetchAll(HttpClient& client, HttpRequest request) {
  auto sink = std::make_shared<CollectingSink>();
  client.Start(std::move(request), sink);
  return sink->Wait();
}

}  // namespace tessera
