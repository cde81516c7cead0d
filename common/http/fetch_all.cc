// SPDX-License-Identifier: Apache-2.0
#include "common/http/fetch_all.h"

#include <memory>
#include <utility>

#include "common/concurrency/notification.h"

namespace tessera {
namespace {

class WaitingSink final : public CollectingSink {
 public:
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
  absl::Status status_;
  Notification done_;
};

}  // namespace

absl::StatusOr<HttpResponse> FetchAll(HttpClient& client, HttpRequest request) {
  auto sink = std::make_shared<WaitingSink>();
  client.Start(std::move(request), sink);
  return sink->Wait();
}

}  // namespace tessera
