// SPDX-License-Identifier: Apache-2.0
//
// Every way in which an exchange can fail without its caller's doing, and that the next one works.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

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

using ::testing::AnyOf;
using ::testing::HasSubstr;

// The outcome of one exchange with a server that runs `script` on the first connection and answers
// properly on all later ones; checks that a later exchange succeeds.
class FailureTest : public ::testing::Test {
 protected:
  std::shared_ptr<RecordingSink> Exchange(ScriptedHttpServer::Script script, HttpLimits limits = {},
                                          std::string body = "{}") {
    server_ = std::make_unique<ScriptedHttpServer>(
        [script = std::move(script)](ScriptedConnection& connection) {
          connection.number() == 1 ? script(connection) : AlwaysAnswer("fine")(connection);
        });
    auto sink = std::make_shared<RecordingSink>();
    HttpRequest request = Post(server_->Url(), std::move(body));
    request.limits = limits;
    request.limits.connect = kPatience;
    client_->Start(std::move(request), sink);
    sink->Wait();
    auto next = FetchAll(*client_, Get(server_->Url()));
    EXPECT_TRUE(next.ok()) << "the next request: " << next.status();
    EXPECT_EQ(client_->stats().active_transfers, 0);
    return sink;
  }

  void ExpectError(const absl::Status& status, absl::StatusCode code, std::string_view reason) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_EQ(ReasonOf(status), reason) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(server_->endpoint()));
    EXPECT_EQ(MetadataOf(status, "endpoint"), server_->endpoint());
  }

  std::unique_ptr<ScriptedHttpServer> server_;
  std::unique_ptr<HttpClient> client_ = MakeTestClient();
};

constexpr char kChunkedHead[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(FailureTest, ReportsARefusedConnection) {
  const int port = UnusedPort();
  auto response = FetchAll(*client_, Get(fmt::format("http://127.0.0.1:{}/", port)));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(response.status()), kHttpConnectFailed);
  EXPECT_EQ(MetadataOf(response.status(), "endpoint"), fmt::format("127.0.0.1:{}", port));
}

TEST_F(FailureTest, ReportsANameThatDoesNotResolve) {
  auto response = FetchAll(*client_, Get("http://nobody.invalid/"));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  // Where the name server does not answer at all, it is the limit that ends the attempt.
  EXPECT_THAT(ReasonOf(response.status()), AnyOf(kHttpConnectFailed, kHttpConnectTimeout));
}

TEST_F(FailureTest, ReportsAConnectionThatTakesTooLong) {
  UnansweringPort port;
  HttpRequest request = Get(port.Url());
  request.limits.connect = absl::Milliseconds(150);
  const absl::Time began = MonotonicNow();
  auto response = FetchAll(*client_, std::move(request));
  const absl::Duration took = MonotonicNow() - began;
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(response.status()), kHttpConnectTimeout) << response.status();
  EXPECT_EQ(MetadataOf(response.status(), "limitMs"), "150");
  EXPECT_THAT(std::string(response.status().message()), HasSubstr("150ms"));
  EXPECT_GE(took, absl::Milliseconds(149));
  EXPECT_LT(took, kPatience);
}

TEST_F(FailureTest, ReportsAServerThatDoesNotSpeakTls) {
  ScriptedHttpServer server([](ScriptedConnection& connection) {
    connection.ReadSome();
    connection.SendAnswer("not here", "HTTP/1.1 400 Bad Request");
    connection.WaitForPeerEnd();
  });
  auto response = FetchAll(*client_, Get(fmt::format("https://{}/", server.endpoint())));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(response.status()), kHttpTlsFailed) << response.status();
}

TEST_F(FailureTest, ReportsASilentServerAfterTheFirstByteLimit) {
  PeerEnd end = PeerEnd::kStillThere;
  Notification left;
  auto sink = Exchange(
      [&](ScriptedConnection& connection) {
        connection.ReadRequest();
        end = connection.WaitForPeerEnd();
        left.Notify();
      },
      {.first_byte = absl::Milliseconds(100)});
  ExpectError(sink->status, absl::StatusCode::kDeadlineExceeded, kHttpFirstByteTimeout);
  EXPECT_EQ(MetadataOf(sink->status, "limitMs"), "100");
  EXPECT_GE(sink->stats.total, absl::Milliseconds(100));
  EXPECT_LT(sink->stats.total, kPatience);
  ASSERT_TRUE(left.WaitFor(kPatience));
  EXPECT_EQ(end, PeerEnd::kClosed);
}

TEST_F(FailureTest, ReportsAServerThatStopsReadingTheRequest) {
  // The body does not fit in the socket buffers: the limit runs from the last byte that did.
  auto sink = Exchange([](ScriptedConnection& connection) { connection.PeerStaysFor(kPatience); },
                       {.first_byte = absl::Milliseconds(100)}, std::string(32 << 20, 'x'));
  ExpectError(sink->status, absl::StatusCode::kDeadlineExceeded, kHttpFirstByteTimeout);
  EXPECT_GT(sink->stats.bytes_sent, 0);
  EXPECT_LT(sink->stats.bytes_sent, 32 << 20);
}

TEST_F(FailureTest, CountsTheFirstByteLimitFromTheEndOfTheRequest) {
  // The server takes the request in gulps, each within the limit, together beyond it.
  static constexpr size_t kBodyBytes = size_t{24} << 20;
  auto sink = Exchange(
      [](ScriptedConnection& connection) {
        for (size_t got = 0; got < kBodyBytes;) {
          for (const size_t gulp_end = std::min(got + kBodyBytes / 6, kBodyBytes);
               got < gulp_end;) {
            const size_t bytes = connection.ReadSome();
            if (bytes == 0) return;
            got += bytes;
          }
          connection.PeerStaysFor(absl::Milliseconds(300));
        }
        connection.SendAnswer("late, but in time", "HTTP/1.1 200 OK\r\nConnection: close");
        connection.WaitForPeerEnd();
      },
      {.first_byte = absl::Milliseconds(1500)}, std::string(kBodyBytes, 'x'));
  EXPECT_TRUE(sink->status.ok()) << sink->status;
  EXPECT_EQ(sink->body, "late, but in time");
  EXPECT_GT(sink->stats.first_byte, absl::Milliseconds(1500));
}

TEST_F(FailureTest, ReportsAStreamThatFallsSilent) {
  auto sink = Exchange(
      [](ScriptedConnection& connection) {
        connection.ReadRequest();
        connection.Send(kChunkedHead);
        connection.Send("5\r\nhello\r\n");
        connection.WaitForPeerEnd();
      },
      {.first_byte = absl::InfiniteDuration(), .idle = absl::Milliseconds(100)});
  ExpectError(sink->status, absl::StatusCode::kDeadlineExceeded, kHttpIdleTimeout);
  EXPECT_EQ(MetadataOf(sink->status, "limitMs"), "100");
  EXPECT_EQ(MetadataOf(sink->status, "receivedBytes"), "5");
  EXPECT_EQ(sink->body, "hello") << "what came before is delivered";
}

TEST_F(FailureTest, DoesNotTakeASlowStreamForASilentOne) {
  auto sink = Exchange(
      [](ScriptedConnection& connection) {
        connection.ReadRequest();
        connection.Send(kChunkedHead);
        for (int i = 0; i < 10; ++i) {
          connection.PeerStaysFor(absl::Milliseconds(180));
          connection.Send("1\r\nx\r\n");
        }
        connection.Send("0\r\n\r\n");
      },
      {.idle = absl::Milliseconds(1500), .total = absl::InfiniteDuration()});
  EXPECT_TRUE(sink->status.ok()) << sink->status;
  EXPECT_EQ(sink->body, "xxxxxxxxxx");
  EXPECT_GT(sink->stats.total, absl::Milliseconds(1500));
}

TEST_F(FailureTest, ReportsAnExchangeThatTakesTooLongThoughItNeverFallsSilent) {
  auto sink = Exchange(
      [](ScriptedConnection& connection) {
        connection.ReadRequest();
        connection.Send(kChunkedHead);
        while (connection.Send("1\r\nx\r\n")) connection.PeerStaysFor(absl::Milliseconds(5));
      },
      {.idle = absl::Seconds(5), .total = absl::Milliseconds(150)});
  ExpectError(sink->status, absl::StatusCode::kDeadlineExceeded, kHttpTotalTimeout);
  EXPECT_GE(sink->stats.total, absl::Milliseconds(150));
  EXPECT_LT(sink->stats.total, kPatience);
}

TEST_F(FailureTest, ReportsAResetInTheMiddleOfTheBody) {
  Notification delivered;
  auto sink = std::make_shared<RecordingSink>();
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
    // A reset may overtake bytes that the peer has not read yet.
    (void)delivered.WaitFor(kPatience);
    connection.Reset();
  });
  sink->on_data = [&](std::string_view) {
    if (sink->body.size() == 5) delivered.Notify();
    return absl::OkStatus();
  };
  client_->Start(Get(server.Url()), sink);
  sink->Wait();
  EXPECT_EQ(sink->status.code(), absl::StatusCode::kUnavailable) << sink->status;
  EXPECT_EQ(ReasonOf(sink->status), kHttpConnectionReset);
  EXPECT_EQ(sink->body, "hello");
}

TEST_F(FailureTest, ReportsAnEndOfStreamBeforeTheEndOfTheAnswer) {
  for (const char* answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"}) {
    auto sink = Exchange([answer](ScriptedConnection& connection) {
      connection.ReadRequest();
      connection.Send(answer);
    });
    ExpectError(sink->status, absl::StatusCode::kUnavailable, kHttpConnectionReset);
  }
}

TEST_F(FailureTest, ReportsWhatIsNotHttp) {
  for (const char* answer : {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "garbage\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello",
                             "HTTP/1.1 200 OK\r\nContent-Length: minus one\r\n\r\nhello"}) {
    auto sink = Exchange([answer](ScriptedConnection& connection) {
      connection.ReadRequest();
      connection.Send(answer);
    });
    SCOPED_TRACE(answer);
    ExpectError(sink->status, absl::StatusCode::kInternal, kHttpProtocolError);
  }
}

TEST_F(FailureTest, EndsAnAnswerThatIsLargerThanAllowed) {
  Notification left;
  auto sink = Exchange(
      [&](ScriptedConnection& connection) {
        connection.ReadRequest();
        connection.Send(kChunkedHead);
        const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
        while (connection.Send(chunk)) {
        }
        left.Notify();
      },
      {.max_response_bytes = 100'000});
  ExpectError(sink->status, absl::StatusCode::kResourceExhausted, kHttpResponseTooLarge);
  EXPECT_EQ(MetadataOf(sink->status, "limitBytes"), "100000");
  EXPECT_EQ(RetryAfterOf(sink->status), std::nullopt);
  EXPECT_LE(sink->body.size(), 100'000u);
  ASSERT_TRUE(left.WaitFor(kPatience)) << "the connection is closed";
}

TEST_F(FailureTest, TakesAnAnswerOfExactlyTheAllowedSize) {
  auto sink = Exchange(
      [](ScriptedConnection& connection) {
        connection.ReadRequest();
        connection.SendAnswer(std::string(1000, 'x'));
      },
      {.max_response_bytes = 1000});
  EXPECT_TRUE(sink->status.ok()) << sink->status;
}

TEST_F(FailureTest, EndsAHeadThatDoesNotEnd) {
  auto sink = Exchange([](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\n");
    const std::string line = "X-Filler: " + std::string(1000, 'x') + "\r\n";
    while (connection.Send(line)) {
    }
  });
  ExpectError(sink->status, absl::StatusCode::kResourceExhausted, kHttpResponseTooLarge);
}

TEST_F(FailureTest, EndsTheExchangeWithTheSinksOwnError) {
  auto sink = std::make_shared<RecordingSink>();
  PeerEnd end = PeerEnd::kStillThere;
  Notification left;
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send(kChunkedHead);
    connection.Send("5\r\nhello\r\n");
    end = connection.WaitForPeerEnd();
    left.Notify();
  });
  sink->on_data = [](std::string_view) { return absl::DataLossError("not what I asked for"); };
  client_->Start(Get(server.Url()), sink);
  sink->Wait();
  EXPECT_EQ(sink->status, absl::DataLossError("not what I asked for"));
  ASSERT_TRUE(left.WaitFor(kPatience));
  EXPECT_EQ(end, PeerEnd::kClosed);
}

}  // namespace
}  // namespace tessera
