// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_COMMON_HTTP_RECORDING_SINK_H_
#define TESSERA_TESTS_COMMON_HTTP_RECORDING_SINK_H_

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/concurrency/notification.h"
#include "common/http/http_client.h"
#include "tests/common/http/scripted_http_server.h"

namespace tessera {

// Keeps everything it is told and checks the contract of HttpResponseSink while doing so. Members
// may be read once Wait() has returned; before that only in the hooks.
class RecordingSink : public HttpResponseSink {
 public:
  // Called after recording, on the I/O thread.
  std::function<void()> on_head = [] {};
  std::function<absl::Status(std::string_view)> on_data = [](std::string_view) {
    return absl::OkStatus();
  };
  std::function<void()> on_done = [] {};

  void OnHead(const HttpHead& told) override {
    EXPECT_FALSE(head.has_value()) << "OnHead twice";
    EXPECT_FALSE(done_.HasBeenNotified()) << "OnHead after OnDone";
    head = told;
    on_head();
  }

  absl::Status OnData(std::string_view bytes) override {
    EXPECT_TRUE(head.has_value()) << "OnData before OnHead";
    EXPECT_FALSE(done_.HasBeenNotified()) << "OnData after OnDone";
    body.append(bytes);
    ++pieces;
    return on_data(bytes);
  }

  void OnDone(const absl::Status& told, const HttpStats& told_stats) override {
    EXPECT_EQ(++times_done, 1) << "OnDone more than once";
    status = told;
    stats = told_stats;
    on_done();
    done_.Notify();
  }

  // Fails the test when the end does not come within kPatience.
  void Wait() const { ASSERT_TRUE(done_.WaitFor(kPatience)) << "OnDone did not come"; }
  bool IsDone() const { return done_.HasBeenNotified(); }

  std::optional<HttpHead> head;
  std::string body;
  int pieces = 0;
  absl::Status status;
  HttpStats stats;
  std::atomic<int> times_done{0};

 private:
  Notification done_;
};

}  // namespace tessera

#endif  // TESSERA_TESTS_COMMON_HTTP_RECORDING_SINK_H_
