// SPDX-License-Identifier: Apache-2.0
//
// Bodies that are made while they are sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "common/concurrency/notification.h"
#include "common/http/fetch_all.h"
#include "common/http/http_errors.h"
#include "common/status/error.h"
#include "tests/common/http/http_test_client.h"
#include "tests/common/http/recording_sink.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;

// Hands out what the test has put in, and says when it was found empty.
class TestSource : public HttpBodySource {
 public:
  explicit TestSource(int64_t bytes) : bytes_(bytes) {}

  void Put(std::string_view part) {
    MutexLock lock(&mutex_);
    waiting_ += part;
  }
  void Break(absl::Status error) {
    MutexLock lock(&mutex_);
    error_ = std::move(error);
  }

  int64_t bytes() const override { return bytes_; }
  absl::StatusOr<size_t> Read(char* to, size_t room) override {
    MutexLock lock(&mutex_);
    if (!error_.ok()) return error_;
    const size_t given = std::min(room, waiting_.size());
    std::copy_n(waiting_.data(), given, to);
    waiting_.erase(0, given);
    if (given == 0 && !found_empty.HasBeenNotified()) found_empty.Notify();
    return given;
  }

  Notification found_empty;

 private:
  const int64_t bytes_;
  Mutex mutex_;
  std::string waiting_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

HttpRequest Upload(std::string url, std::shared_ptr<HttpBodySource> source) {
  return {.method = "POST",
          .url = std::move(url),
          .body_source = std::move(source),
          .limits = kGenerousLimits};
}

// Keeps the last request's body and answers 201.
ScriptedHttpServer::Script Keep(std::string& body, std::string& head) {
  return [&](ScriptedConnection& connection) {
    while (auto request = connection.ReadRequest()) {
      body = request->body;
      head = request->head;
      connection.SendAnswer("kept", "HTTP/1.1 201 Created");
    }
  };
}

TEST(HttpBodySourceTest, SendsWhatTheSourceHasAsItComes) {
  std::string body;
  std::string head;
  ScriptedHttpServer server(Keep(body, head));
  auto client = MakeTestClient();
  const std::string part(300'000, 'a');
  auto source = std::make_shared<TestSource>(3 * part.size());
  auto sink = std::make_shared<RecordingSink>();
  source->Put(part);
  auto call = client->Start(Upload(server.Url(), source), sink);
  ASSERT_TRUE(source->found_empty.WaitFor(kPatience));
  source->Put(part);
  call->ResumeBody();
  source->Put(part);
  call->ResumeBody();
  sink->Wait();
  ASSERT_TRUE(sink->status.ok()) << sink->status;
  EXPECT_EQ(sink->head->status, 201);
  EXPECT_EQ(sink->stats.bytes_sent, 900'000);
  EXPECT_EQ(body, part + part + part);
  EXPECT_THAT(head, HasSubstr("Content-Length: 900000"));
}

TEST(HttpBodySourceTest, SendsAnEmptyBody) {
  std::string body = "unset";
  std::string head;
  ScriptedHttpServer server(Keep(body, head));
  auto client = MakeTestClient();
  const auto response = FetchAll(*client, Upload(server.Url(), std::make_shared<TestSource>(0)));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(body, "");
  EXPECT_THAT(head, HasSubstr("Content-Length: 0"));
}

TEST(HttpBodySourceTest, ResumingEarlyLateOrWithoutNeedDoesNoHarm) {
  std::string body;
  std::string head;
  ScriptedHttpServer server(Keep(body, head));
  auto client = MakeTestClient();
  auto source = std::make_shared<TestSource>(5);
  auto sink = std::make_shared<RecordingSink>();
  source->Put("hello");
  auto call = client->Start(Upload(server.Url(), source), sink);
  call->ResumeBody();
  sink->Wait();
  EXPECT_EQ(body, "hello");
  call->ResumeBody();
  client.reset();
  call->ResumeBody();
}

TEST(HttpBodySourceTest, ASourceThatFailsEndsTheExchangeWithItsError) {
  std::string body;
  std::string head;
  ScriptedHttpServer server(Keep(body, head));
  auto client = MakeTestClient();
  auto source = std::make_shared<TestSource>(100);
  source->Break(MakeError(absl::StatusCode::kDataLoss, "TEST_BROKEN", "the source broke"));
  const auto response = FetchAll(*client, Upload(server.Url(), source));
  EXPECT_EQ(ReasonOf(response.status()), "TEST_BROKEN");
  // The client is none the worse for it.
  EXPECT_TRUE(FetchAll(*client, Get(server.Url())).ok());
}

TEST(HttpBodySourceTest, ASourceThatStaysEmptyEndsAtTheFirstByteLimit) {
  std::string body;
  std::string head;
  ScriptedHttpServer server(Keep(body, head));
  auto client = MakeTestClient();
  HttpRequest request = Upload(server.Url(), std::make_shared<TestSource>(100));
  request.limits.first_byte = absl::Milliseconds(50);
  EXPECT_EQ(ReasonOf(FetchAll(*client, std::move(request)).status()), kHttpFirstByteTimeout);
}

TEST(HttpBodySourceTest, CancelEndsAnUploadThatWaitsForItsSource) {
  std::string body;
  std::string head;
  ScriptedHttpServer server(Keep(body, head));
  auto client = MakeTestClient();
  auto source = std::make_shared<TestSource>(100);
  auto sink = std::make_shared<RecordingSink>();
  auto call = client->Start(Upload(server.Url(), source), sink);
  ASSERT_TRUE(source->found_empty.WaitFor(kPatience));
  call->Cancel();
  sink->Wait();
  EXPECT_EQ(ReasonOf(sink->status), kHttpCancelled);
}

TEST(HttpBodySourceTest, AnErrorBeforeTheWholeBodyWasTakenIsDelivered) {
  ScriptedHttpServer server([](ScriptedConnection& connection) {
    connection.ReadSome();
    connection.SendAnswer("{\"error\":\"invalid digest format\"}", "HTTP/1.1 400 Bad Request");
    connection.PeerStaysFor(kPatience);
  });
  auto client = MakeTestClient();
  auto source = std::make_shared<TestSource>(1'000'000);
  source->Put("first");
  const auto response = FetchAll(*client, Upload(server.Url(), source));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 400);
}

TEST(HttpBodySourceTest, ABodyAndASourceAreRefusedTogether) {
  auto client = MakeTestClient();
  HttpRequest request = Upload("http://127.0.0.1:1/", std::make_shared<TestSource>(1));
  request.body = "text";
  EXPECT_EQ(ReasonOf(FetchAll(*client, std::move(request)).status()), kHttpRequestInvalid);
}

}  // namespace
}  // namespace tessera
