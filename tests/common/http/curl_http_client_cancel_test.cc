// SPDX-License-Identifier: Apache-2.0
//
// Cancelling in every phase, from every place, and the end of the client itself.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/http/curl_http_client.h"
#include "common/http/fetch_all.h"
#include "common/http/http_errors.h"
#include "common/http/monotonic_time.h"
#include "common/status/error.h"
#include "tests/common/http/http_test_client.h"
#include "tests/common/http/recording_sink.h"
#include "tests/common/http/scripted_http_server.h"

namespace tessera {
namespace {

// Far above what it takes, far below what a test machine with a hiccup needs.
constexpr absl::Duration kSoon = absl::Seconds(5);

// Limits that never end an exchange by themselves.
constexpr HttpLimits kPatient = {.connect = absl::InfiniteDuration(),
                                 .first_byte = absl::InfiniteDuration(),
                                 .idle = absl::InfiniteDuration(),
                                 .total = absl::InfiniteDuration()};

HttpRequest PatientPost(std::string url, std::string body = "{}") {
  HttpRequest request = Post(std::move(url), std::move(body));
  request.limits = kPatient;
  return request;
}

// A server that reads a request, sends what it is given, then watches the peer leave.
class WatchfulServer {
 public:
  explicit WatchfulServer(std::string to_send)
      : server_([this, to_send = std::move(to_send)](ScriptedConnection& connection) {
          if (!connection.ReadRequest()) return;
          connection.Send(to_send);
          ready_.Notify();
          end_ = connection.WaitForPeerEnd();
          left_at_ = MonotonicNow();
          left_.Notify();
        }) {}

  std::string Url() const { return server_.Url(); }
  void WaitUntilReady() { ASSERT_TRUE(ready_.WaitFor(kPatience)); }
  // Fails unless the client's end of the connection went away within kSoon of `since`.
  void ExpectPeerLeftSoonAfter(absl::Time since) {
    ASSERT_TRUE(left_.WaitFor(kPatience));
    EXPECT_NE(end_, PeerEnd::kStillThere);
    EXPECT_LT(left_at_ - since, kSoon);
  }

 private:
  Notification ready_;
  Notification left_;
  PeerEnd end_ = PeerEnd::kStillThere;
  absl::Time left_at_;
  ScriptedHttpServer server_;
};

constexpr char kBeginningOfAStream[] =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";

void ExpectCancelled(const RecordingSink& sink) {
  EXPECT_EQ(sink.status.code(), absl::StatusCode::kCancelled) << sink.status;
  EXPECT_EQ(ReasonOf(sink.status), kHttpCancelled);
}

TEST(CurlHttpClientCancelTest, EndsAnAttemptToConnect) {
  UnansweringPort port;
  auto client = MakeTestClient();
  auto sink = std::make_shared<RecordingSink>();
  auto call = client->Start(PatientPost(port.Url()), sink);
  const absl::Time cancelled_at = MonotonicNow();
  call->Cancel();
  sink->Wait();
  EXPECT_LT(MonotonicNow() - cancelled_at, kSoon);
  ExpectCancelled(*sink);
  EXPECT_FALSE(sink->head.has_value());
}

TEST(CurlHttpClientCancelTest, EndsALookupOfAHostName) {
  auto client = MakeTestClient();
  auto sink = std::make_shared<RecordingSink>();
  auto call = client->Start(PatientPost("http://nobody.invalid/"), sink);
  const absl::Time cancelled_at = MonotonicNow();
  call->Cancel();
  sink->Wait();
  EXPECT_LT(MonotonicNow() - cancelled_at, kSoon) << "must not wait for the resolver";
}

TEST(CurlHttpClientCancelTest, EndsTheWaitForTheHead) {
  WatchfulServer server("");
  auto client = MakeTestClient();
  auto sink = std::make_shared<RecordingSink>();
  auto call = client->Start(PatientPost(server.Url()), sink);
  server.WaitUntilReady();
  const absl::Time cancelled_at = MonotonicNow();
  call->Cancel();
  server.ExpectPeerLeftSoonAfter(cancelled_at);
  sink->Wait();
  ExpectCancelled(*sink);
  EXPECT_FALSE(sink->head.has_value());
}

TEST(CurlHttpClientCancelTest, EndsAStreamFromAnotherThread) {
  WatchfulServer server(kBeginningOfAStream);
  auto client = MakeTestClient();
  auto sink = std::make_shared<RecordingSink>();
  Notification first_piece;
  sink->on_data = [&](std::string_view) {
    first_piece.Notify();
    return absl::OkStatus();
  };
  auto call = client->Start(PatientPost(server.Url()), sink);
  ASSERT_TRUE(first_piece.WaitFor(kPatience));
  const absl::Time cancelled_at = MonotonicNow();
  call->Cancel();
  server.ExpectPeerLeftSoonAfter(cancelled_at);
  sink->Wait();
  ExpectCancelled(*sink);
  EXPECT_EQ(sink->body, "hello");
  EXPECT_EQ(client->stats().active_transfers, 0);
}

TEST(CurlHttpClientCancelTest, EndsAStreamFromInsideItsOwnSink) {
  for (const bool in_head : {true, false}) {
    WatchfulServer server(std::string(kBeginningOfAStream) + "5\r\nworld\r\n");
    auto client = MakeTestClient();
    auto sink = std::make_shared<RecordingSink>();
    std::shared_ptr<HttpCall> call;
    absl::Time cancelled_at;
    Notification call_is_set;
    auto cancel = [&] {
      ASSERT_TRUE(call_is_set.WaitFor(kPatience));
      cancelled_at = MonotonicNow();
      call->Cancel();
    };
    if (in_head) {
      sink->on_head = cancel;
    } else {
      sink->on_data = [&](std::string_view) {
        cancel();
        return absl::OkStatus();
      };
    }
    call = client->Start(PatientPost(server.Url()), sink);
    call_is_set.Notify();
    sink->Wait();
    ExpectCancelled(*sink);
    EXPECT_EQ(sink->body, in_head ? "" : "hello") << "nothing follows the cancel";
    server.ExpectPeerLeftSoonAfter(cancelled_at);
  }
}

TEST(CurlHttpClientCancelTest, EndsAnUploadThatTheServerDoesNotRead) {
  Notification accepted;
  Notification left;
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    connection.ReadSome();
    accepted.Notify();
    // Unread bytes are in the way of an end of stream, but not of POLLRDHUP.
    if (!connection.PeerStaysFor(kPatience)) left.Notify();
  });
  auto client = MakeTestClient();
  auto sink = std::make_shared<RecordingSink>();
  auto call = client->Start(PatientPost(server.Url(), std::string(64 << 20, 'x')), sink);
  ASSERT_TRUE(accepted.WaitFor(kPatience));
  call->Cancel();
  sink->Wait();
  ExpectCancelled(*sink);
  EXPECT_TRUE(left.WaitFor(kPatience));
}

TEST(CurlHttpClientCancelTest, ChangesNothingWhenRepeatedOrLate) {
  ScriptedHttpServer server(AlwaysAnswer("ok"));
  std::shared_ptr<HttpCall> call;
  auto sink = std::make_shared<RecordingSink>();
  {
    auto client = MakeTestClient();
    call = client->Start(Get(server.Url()), sink);
    sink->Wait();
    call->Cancel();
    call->Cancel();
    EXPECT_TRUE(FetchAll(*client, Get(server.Url())).ok());
    EXPECT_EQ(client->stats().connections_opened, 1) << "the connection stayed in the pool";
  }
  EXPECT_TRUE(sink->status.ok()) << sink->status;
  call->Cancel();  // after the client is gone
}

TEST(CurlHttpClientCancelTest, MayRaceWithTheEndOfTheAnswer) {
  ScriptedHttpServer server(AlwaysAnswer("ok"));
  auto client = MakeTestClient();
  int cancelled = 0;
  for (int i = 0; i < 300; ++i) {
    auto sink = std::make_shared<RecordingSink>();
    auto call = client->Start(Get(server.Url()), sink);
    // Spread over the life of the exchange by what the threads happen to do.
    for (int turns = 0; turns < i; ++turns) std::this_thread::yield();
    std::thread other([call] { call->Cancel(); });
    call->Cancel();
    other.join();
    sink->Wait();
    if (!sink->status.ok()) ++cancelled;
    if (!sink->status.ok()) ExpectCancelled(*sink);
  }
  EXPECT_GT(cancelled, 0);
  EXPECT_TRUE(FetchAll(*client, Get(server.Url())).ok());
}

TEST(CurlHttpClientCancelTest, LetsTheServerSeeItWithinMilliseconds) {
  constexpr int kCancels = 1000;
  struct Departure {
    Notification ready;
    Notification left;
    absl::Time left_at;
  };
  std::vector<std::unique_ptr<Departure>> departures;
  for (int i = 0; i < kCancels; ++i) departures.push_back(std::make_unique<Departure>());
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    Departure& departure = *departures[static_cast<size_t>(connection.number() - 1)];
    connection.ReadRequest();
    connection.Send(kBeginningOfAStream);
    departure.ready.Notify();
    connection.WaitForPeerEnd();
    departure.left_at = MonotonicNow();
    departure.left.Notify();
  });
  auto client = MakeTestClient();
  std::vector<double> microseconds;
  for (auto& departure : departures) {
    auto sink = std::make_shared<RecordingSink>();
    auto call = client->Start(PatientPost(server.Url()), sink);
    ASSERT_TRUE(departure->ready.WaitFor(kPatience));
    const absl::Time cancelled_at = MonotonicNow();
    call->Cancel();
    ASSERT_TRUE(departure->left.WaitFor(kPatience));
    microseconds.push_back(absl::ToDoubleMicroseconds(departure->left_at - cancelled_at));
    sink->Wait();
  }
  std::sort(microseconds.begin(), microseconds.end());
  auto percentile = [&](double p) { return microseconds[static_cast<size_t>(p * (kCancels - 1))]; };
  fmt::print(
      "cancel to the server seeing the end, {} times: p50 {:.0f} us, p99 {:.0f} us, max {:.0f} "
      "us\n",
      kCancels, percentile(0.5), percentile(0.99), microseconds.back());
  RecordProperty("cancel_to_close_p50_us", static_cast<int>(percentile(0.5)));
  RecordProperty("cancel_to_close_p99_us", static_cast<int>(percentile(0.99)));
  EXPECT_LT(percentile(0.5), 50'000) << "the median is a matter of microseconds";
  EXPECT_EQ(server.connections_accepted(), kCancels) << "no cancelled connection was used again";
}

TEST(CurlHttpClientDestructionTest, EndsEverythingInFlight) {
  constexpr int kEach = 20;
  std::latch streaming(kEach);
  ScriptedHttpServer streams([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send(kBeginningOfAStream);
    streaming.count_down();
    connection.WaitForPeerEnd();
  });
  UnansweringPort port;
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  {
    auto client = MakeTestClient();
    for (int i = 0; i < kEach; ++i) {
      for (const std::string& url : {streams.Url(), port.Url()}) {
        sinks.push_back(std::make_shared<RecordingSink>());
        client->Start(PatientPost(url), sinks.back());
      }
    }
    streaming.wait();
    // One that the I/O thread may not even have seen.
    sinks.push_back(std::make_shared<RecordingSink>());
    client->Start(PatientPost(streams.Url()), sinks.back());
  }
  for (const auto& sink : sinks) {
    ASSERT_TRUE(sink->IsDone()) << "every OnDone comes before the destructor returns";
    EXPECT_EQ(sink->status.code(), absl::StatusCode::kUnavailable) << sink->status;
    EXPECT_EQ(ReasonOf(sink->status), kHttpClientClosed);
    EXPECT_EQ(sink.use_count(), 1) << "the client keeps no sink";
  }
}

TEST(CurlHttpClientDestructionTest, LetsGoOfTheSinkAfterOnDone) {
  ScriptedHttpServer server(AlwaysAnswer("ok"));
  auto client = MakeTestClient();
  auto sink = std::make_shared<RecordingSink>();
  auto call = client->Start(Get(server.Url()), sink);
  sink->Wait();
  // The I/O thread is past the first exchange once it has ended a second one.
  ASSERT_TRUE(FetchAll(*client, Get(server.Url())).ok());
  EXPECT_EQ(sink.use_count(), 1) << "not even while the call's handle is kept";
}

}  // namespace
}  // namespace tessera
