// SPDX-License-Identifier: Apache-2.0
//
// Whole exchanges: what goes over the wire, what the sink is told, how connections are shared.
#include "common/http/curl_http_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/http/fetch_all.h"
#include "common/http/http_errors.h"
#include "common/status/error.h"
#include "tests/common/http/http_test_client.h"
#include "tests/common/http/recording_sink.h"
#include "tests/common/http/scripted_http_server.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(CurlHttpClientTest, SendsTwoHundredRequestsOverOneConnection) {
  ScriptedHttpServer server(AlwaysAnswer("yes"));
  auto client = MakeTestClient();
  for (int i = 0; i < 200; ++i) {
    auto response = FetchAll(*client, Post(server.Url("/api/chat"), "{}"));
    ASSERT_TRUE(response.ok()) << i << ": " << response.status();
    ASSERT_EQ(response->body, "yes");
  }
  EXPECT_EQ(server.connections_accepted(), 1);
  EXPECT_EQ(client->stats().connections_opened, 1);
  EXPECT_EQ(client->stats().connections_reused, 199);
  EXPECT_EQ(client->stats().stale_connection_retries, 0);
  EXPECT_EQ(client->stats().active_transfers, 0);
}

TEST(CurlHttpClientTest, PutsTheRequestOnTheWireAsItWasGiven) {
  Notification received;
  ScriptedRequest request;
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    request = *connection.ReadRequest();
    received.Notify();
    connection.SendAnswer("");
  });
  auto client = MakeTestClient({.user_agent = "tessera-test/1"});
  HttpRequest sent = Post(server.Url("/api/chat?x=1"), "{\"a\":1}");
  sent.headers.push_back({"X-Empty", ""});
  sent.headers.push_back({"Host", "localhost"});
  ASSERT_TRUE(FetchAll(*client, std::move(sent)).ok());
  ASSERT_TRUE(received.WaitFor(kPatience));
  EXPECT_THAT(request.head, HasSubstr("POST /api/chat?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request.head, HasSubstr("Host: localhost"));
  EXPECT_THAT(request.head, HasSubstr("User-Agent: tessera-test/1"));
  EXPECT_THAT(request.head, HasSubstr("Content-Type: application/json"));
  EXPECT_THAT(request.head, HasSubstr("Content-Length: 7"));
  EXPECT_THAT(request.head, HasSubstr("X-Empty:"));
  EXPECT_THAT(request.head, Not(HasSubstr("Expect")));
  EXPECT_THAT(request.head, Not(HasSubstr("Accept-Encoding")));
  EXPECT_EQ(request.body, "{\"a\":1}");
}

TEST(CurlHttpClientTest, SendsEachMethodWithAndWithoutBody) {
  // On one connection: options of one request must not colour the next.
  std::vector<ScriptedRequest> requests;
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    while (auto request = connection.ReadRequest()) {
      requests.push_back(*request);
      // An answer to HEAD announces a body that does not follow.
      if (request->head.starts_with("HEAD")) {
        connection.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
      } else {
        connection.SendAnswer("ok");
      }
    }
  });
  {
    auto client = MakeTestClient();
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"POST", "body"}, {"GET", ""},   {"HEAD", ""},      {"DELETE", "body"}, {"DELETE", ""},
        {"POST", ""},     {"PUT", "xy"}, {"PATCH", "body"}, {"GET", "body"},    {"GET", ""}};
    for (size_t i = 0; i < cases.size(); ++i) {
      const auto& [method, body] = cases[i];
      auto response = FetchAll(*client, {.method = method, .url = server.Url("/"), .body = body});
      ASSERT_TRUE(response.ok()) << method << ": " << response.status();
      EXPECT_EQ(response->body, method == "HEAD" ? "" : "ok");
      ASSERT_EQ(requests.size(), i + 1);
      EXPECT_THAT(requests[i].head, testing::StartsWith(method + " / HTTP/1.1\r\n"));
      EXPECT_EQ(requests[i].body, body) << method;
      EXPECT_THAT(requests[i].head, Not(HasSubstr("Content-Type")));
    }
  }
  EXPECT_EQ(server.connections_accepted(), 1);
}

TEST(CurlHttpClientTest, SendsALargeBodyWhole) {
  std::string received;
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    received = connection.ReadRequest()->body;
    connection.SendAnswer("ok");
  });
  auto client = MakeTestClient();
  std::string body(8 << 20, 'x');
  for (size_t i = 0; i < body.size(); i += 4096) body[i] = static_cast<char>('a' + i / 4096 % 26);
  auto sink = std::make_shared<RecordingSink>();
  client->Start(Post(server.Url(), body), sink);
  sink->Wait();
  ASSERT_TRUE(sink->status.ok()) << sink->status;
  EXPECT_TRUE(received == body);
  EXPECT_EQ(sink->stats.bytes_sent, static_cast<int64_t>(body.size()));
  EXPECT_EQ(sink->stats.bytes_received, 2);
}

TEST(CurlHttpClientTest, TellsTheHeadOfAnErrorAnswerAndCallsTheExchangeSuccessful) {
  ScriptedHttpServer server([](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send(
        "HTTP/1.1 404 Not Found\r\ncontent-type: application/json; charset=utf-8\r\n"
        "Content-Length: 13\r\n\r\n{\"error\":\"x\"}");
  });
  auto client = MakeTestClient();
  auto response = FetchAll(*client, Get(server.Url()));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->content_type, "application/json; charset=utf-8");
  EXPECT_EQ(response->body, "{\"error\":\"x\"}");
}

TEST(CurlHttpClientTest, ReadsChunkedAndUnframedAnswersAndSkipsInterimOnes) {
  ScriptedHttpServer server([](ScriptedConnection& connection) {
    auto request = connection.ReadRequest();
    connection.Send("HTTP/1.1 102 Processing\r\n\r\n");
    if (request->head.starts_with("GET /chunked")) {
      connection.Send(
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
          "5;ext=1\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n");
    } else {
      connection.Send("HTTP/1.1 200 OK\r\n\r\nhello world");
    }
  });
  auto client = MakeTestClient();
  for (const char* path : {"/chunked", "/until-close"}) {
    auto response = FetchAll(*client, Get(server.Url(path)));
    ASSERT_TRUE(response.ok()) << path << ": " << response.status();
    EXPECT_EQ(response->status, 200) << path;
    EXPECT_EQ(response->body, "hello world") << path;
  }
}

TEST(CurlHttpClientTest, ReadsAnAnswerThatArrivesByteByByte) {
  ScriptedHttpServer server([](ScriptedConnection& connection) {
    while (connection.ReadRequest()) {
      const std::string answer =
          "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
          "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"a\":1}\n\r\n8\r\n{\"a\":2}\n\r\n0\r\n\r\n";
      for (char byte : answer) connection.Send({&byte, 1});
    }
  });
  auto client = MakeTestClient();
  for (int i = 0; i < 3; ++i) {
    auto response = FetchAll(*client, Get(server.Url()));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->content_type, "application/x-ndjson");
    EXPECT_EQ(response->body, "{\"a\":1}\n{\"a\":2}\n");
  }
  EXPECT_EQ(server.connections_accepted(), 1);
}

TEST(CurlHttpClientTest, DeliversEachPieceBeforeTheNextIsSent) {
  // The server sends the next line only after the sink has seen the one before.
  constexpr int kLines = 50;
  std::vector<std::unique_ptr<Notification>> seen;
  for (int i = 0; i < kLines; ++i) seen.push_back(std::make_unique<Notification>());
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    connection.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (auto& line_seen : seen) {
      connection.Send("5\r\nline\n\r\n");
      if (!line_seen->WaitFor(kPatience)) return;
    }
    connection.Send("0\r\n\r\n");
  });
  auto client = MakeTestClient();
  auto sink = std::make_shared<RecordingSink>();
  sink->on_data = [&, sink = sink.get()](std::string_view) {
    seen[static_cast<size_t>(sink->pieces - 1)]->Notify();
    return absl::OkStatus();
  };
  client->Start(Get(server.Url()), sink);
  sink->Wait();
  EXPECT_TRUE(sink->status.ok()) << sink->status;
  EXPECT_EQ(sink->pieces, kLines);
}

TEST(CurlHttpClientTest, SaysWhatTheExchangeCost) {
  ScriptedHttpServer server(AlwaysAnswer("12345"));
  auto client = MakeTestClient();
  for (bool reused : {false, true}) {
    auto sink = std::make_shared<RecordingSink>();
    client->Start(Post(server.Url(), "abc"), sink);
    sink->Wait();
    ASSERT_TRUE(sink->status.ok()) << sink->status;
    EXPECT_EQ(sink->stats.connection_reused, reused);
    EXPECT_GT(sink->stats.connect, absl::ZeroDuration());
    EXPECT_GE(sink->stats.first_byte, sink->stats.connect);
    EXPECT_GE(sink->stats.total, sink->stats.first_byte);
    EXPECT_EQ(sink->stats.bytes_sent, 3);
    EXPECT_EQ(sink->stats.bytes_received, 5);
  }
}

TEST(CurlHttpClientTest, SendsAPostAgainWhenThePooledConnectionDiesUnderIt) {
  // The first connection answers once and dies on its second request, without a byte of answer:
  // by FIN, or by RST while a large body is still on its way.
  for (const bool reset : {false, true}) {
    ScriptedHttpServer server([reset](ScriptedConnection& connection) {
      if (connection.number() == 1) {
        connection.ReadRequest();
        connection.SendAnswer("first");
        if (reset) {
          connection.Reset();
        } else {
          connection.ReadRequest();
        }
        return;
      }
      auto request = connection.ReadRequest();
      connection.SendAnswer(std::to_string(request->body.size()));
    });
    auto client = MakeTestClient();
    ASSERT_TRUE(FetchAll(*client, Get(server.Url())).ok());
    auto response = FetchAll(*client, Post(server.Url(), std::string(3'000'000, 'x')));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "3000000") << "the whole body is sent again";
    EXPECT_EQ(server.connections_accepted(), 2);
    // A reset that has arrived already is noticed before the request goes out.
    EXPECT_GE(client->stats().stale_connection_retries, reset ? 0 : 1);
  }
}

TEST(CurlHttpClientTest, SendsNothingTwiceOnAFreshConnection) {
  ScriptedHttpServer server([](ScriptedConnection& connection) { connection.ReadRequest(); });
  auto client = MakeTestClient();
  auto response = FetchAll(*client, Post(server.Url(), "{}"));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kUnavailable) << response.status();
  EXPECT_EQ(ReasonOf(response.status()), kHttpConnectionReset);
  EXPECT_EQ(server.connections_accepted(), 1);
}

TEST(CurlHttpClientTest, RetriesOnceOnAFreshConnectionThoughThePoolHoldsMore) {
  // Three idle connections, all about to die on their next request; so does every new one.
  constexpr int kPooled = 3;
  std::latch all_asked(kPooled);
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    if (connection.number() > kPooled) return;
    all_asked.arrive_and_wait();
    connection.SendAnswer("ok");
    connection.ReadRequest();
  });
  auto client = MakeTestClient();
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  for (int i = 0; i < kPooled; ++i) {
    sinks.push_back(std::make_shared<RecordingSink>());
    client->Start(Get(server.Url()), sinks.back());
  }
  for (auto& sink : sinks) sink->Wait();
  auto response = FetchAll(*client, Post(server.Url(), "{}"));
  EXPECT_EQ(ReasonOf(response.status()), kHttpConnectionReset) << response.status();
  EXPECT_EQ(server.connections_accepted(), kPooled + 1);
  EXPECT_EQ(client->stats().stale_connection_retries, 1);
}

TEST(CurlHttpClientTest, RefusesWhatItCannotSendThroughOnDone) {
  auto client = MakeTestClient();
  auto response = FetchAll(*client, Get("ftp://127.0.0.1/"));
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(response.status()), kHttpUrlInvalid);
  response = FetchAll(*client, {.url = "http://127.0.0.1/", .headers = {{"A", "b\r\nC: d"}}});
  EXPECT_EQ(ReasonOf(response.status()), kHttpRequestInvalid);
  EXPECT_EQ(client->stats().active_transfers, 0);
}

TEST(CurlHttpClientTest, RefusesOptionsOutOfRange) {
  EXPECT_FALSE(MakeCurlHttpClient({.max_idle_connections = 0}).ok());
  EXPECT_FALSE(MakeCurlHttpClient({.max_active_transfers = 0}).ok());
}

TEST(CurlHttpClientTest, RefusesMoreExchangesThanItMayCarry) {
  Notification release;
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    connection.ReadRequest();
    (void)release.WaitFor(kPatience);
    connection.SendAnswer("ok");
  });
  auto client = MakeTestClient({.max_active_transfers = 1});
  auto first = std::make_shared<RecordingSink>();
  client->Start(Get(server.Url()), first);
  auto second = std::make_shared<RecordingSink>();
  client->Start(Get(server.Url()), second);
  second->Wait();
  EXPECT_EQ(second->status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(second->status), kHttpTooManyTransfers);
  release.Notify();
  first->Wait();
  EXPECT_TRUE(first->status.ok()) << first->status;
  EXPECT_TRUE(FetchAll(*client, Get(server.Url())).ok()) << "the place is free again";
}

TEST(CurlHttpClientTest, KeepsNoMoreIdleConnectionsThanConfigured) {
  constexpr int kAtOnce = 8;
  std::latch all_asked(kAtOnce);
  std::atomic<int> left{0};
  Notification all_but_two_left;
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    while (connection.ReadRequest()) {
      if (left == 0) all_asked.arrive_and_wait();
      connection.SendAnswer("ok");
    }
    if (++left == kAtOnce - 2) all_but_two_left.Notify();
  });
  auto client = MakeTestClient({.max_idle_connections = 2});
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  for (int i = 0; i < kAtOnce; ++i) {
    sinks.push_back(std::make_shared<RecordingSink>());
    client->Start(Get(server.Url()), sinks.back());
  }
  for (auto& sink : sinks) sink->Wait();
  EXPECT_TRUE(all_but_two_left.WaitFor(kPatience));
  EXPECT_TRUE(FetchAll(*client, Get(server.Url())).ok());
  EXPECT_EQ(client->stats().connections_opened, kAtOnce) << "the two others are still of use";
  EXPECT_EQ(left, kAtOnce - 2);
}

// A thousand, or as many as this process has descriptors for: each exchange takes both ends.
int ManyExchanges() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int>(std::min<rlim_t>(1000, (limit.rlim_cur - 100) / 2));
}

TEST(CurlHttpClientTest, CarriesAThousandExchangesAtOnce) {
  const int exchanges = ManyExchanges();
  std::latch all_asked(exchanges);
  ScriptedHttpServer server([&](ScriptedConnection& connection) {
    auto request = connection.ReadRequest();
    // Nobody is answered before all are connected.
    all_asked.arrive_and_wait();
    connection.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 10; ++i) connection.Send("5\r\nline\n\r\n");
    connection.Send("0\r\n\r\n");
  });
  auto client = MakeTestClient();
  std::vector<std::shared_ptr<RecordingSink>> sinks;
  for (int i = 0; i < exchanges; ++i) {
    sinks.push_back(std::make_shared<RecordingSink>());
    HttpRequest request = Post(server.Url(), "{}");
    client->Start(std::move(request), sinks.back());
  }
  for (auto& sink : sinks) {
    sink->Wait();
    ASSERT_TRUE(sink->status.ok()) << sink->status;
    ASSERT_EQ(sink->body.size(), 50u);
  }
  EXPECT_EQ(server.connections_accepted(), exchanges);
  EXPECT_EQ(client->stats().active_transfers, 0);
}

TEST(CurlHttpClientTest, MayBeUsedFromManyThreadsAndFromInsideItsSinks) {
  ScriptedHttpServer server(AlwaysAnswer("ok"));
  auto client = MakeTestClient();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        auto outer = std::make_shared<RecordingSink>();
        auto inner = std::make_shared<RecordingSink>();
        outer->on_done = [&] { client->Start(Get(server.Url()), inner); };
        client->Start(Post(server.Url(), "x"), outer);
        outer->Wait();
        inner->Wait();
        EXPECT_TRUE(outer->status.ok()) << outer->status;
        EXPECT_TRUE(inner->status.ok()) << inner->status;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(server.connections_accepted(), 8);
}

}  // namespace
}  // namespace tessera
