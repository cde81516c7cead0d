// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/engine_monitor.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/mutex.h"
#include "common/http/http_errors.h"
#include "common/status/error.h"
#include "tests/services/inference/engine/fake_http_client.h"

namespace tessera::inference {
namespace {

using nlohmann::json;
using testing::FakeHttpAnswer;
using testing::FakeHttpClient;

FakeHttpAnswer Refused() {
  return {.status = 0,
          .end = MakeError(absl::StatusCode::kUnavailable, kHttpConnectFailed, "refused")};
}

// An engine whose replies the test may change, and a monitor that looks at it all the time.
class EngineMonitorTest : public ::testing::Test {
 protected:
  EngineMonitorTest() : http_([this](const HttpRequest& request) { return Answer(request); }) {
    Set("/api/version", {.pieces = {R"({"version":"0.17.4"})"}});
    Set("/api/tags", {.pieces = {R"({"models":[]})"}});
    Set("/api/ps", {.pieces = {R"({"models":[]})"}});
    Set("/api/show", {.pieces = {R"({"capabilities":["completion","vision"]})"}});
  }

  void Set(const std::string& path, FakeHttpAnswer answer) {
    MutexLock lock(&mutex_);
    answers_["http://engine" + path] = std::move(answer);
  }

  void StartMonitor(absl::Duration interval = absl::Milliseconds(1)) {
    monitor_.emplace(http_, catalog_,
                     EngineMonitor::Options{.url = "http://engine", .interval = interval},
                     [this](const EngineSnapshot&) {
                       MutexLock lock(&mutex_);
                       ++looks_;
                       looked_.SignalAll();
                     });
  }

  // The snapshot of a look that began after this call.
  std::shared_ptr<const EngineSnapshot> NextLook() {
    MutexLock lock(&mutex_);
    const int enough = looks_ + 2;
    const absl::Time until = absl::Now() + absl::Seconds(20);
    while (looks_ < enough && absl::Now() < until) looked_.WaitFor(&mutex_, absl::Seconds(1));
    EXPECT_GE(looks_, enough);
    return catalog_.Latest();
  }

  int Requests(const std::string& path) {
    MutexLock lock(&mutex_);
    return requests_["http://engine" + path];
  }

  static FakeHttpAnswer Tags(int count, const std::string& digest = "d") {
    json models = json::array();
    for (int i = 0; i < count; ++i) {
      models.push_back({{"name", "m" + std::to_string(i) + ":latest"}, {"digest", digest}});
    }
    return {.pieces = {json{{"models", models}}.dump()}};
  }

 private:
  FakeHttpAnswer Answer(const HttpRequest& request) {
    MutexLock lock(&mutex_);
    ++requests_[request.url];
    const auto found = answers_.find(request.url);
    return found == answers_.end() ? FakeHttpAnswer{.status = 404} : found->second;
  }

  Mutex mutex_;
  CondVar looked_;
  int looks_ = 0;
  std::map<std::string, FakeHttpAnswer> answers_;
  std::map<std::string, int> requests_;

 protected:
  FakeHttpClient http_;
  ModelCatalog catalog_;
  std::optional<EngineMonitor> monitor_;
};

TEST_F(EngineMonitorTest, TellsVersionModelsAndWhatIsLoaded) {
  Set("/api/tags", {.pieces = {R"({"models":[{"name":"qwen3-vl:4b","digest":"d",)"
                               R"("details":{"family":"qwen3vl"},"capabilities":["vision"]}]})"}});
  Set("/api/ps", {.pieces = {R"({"models":[{"name":"qwen3-vl:4b","size":9,"size_vram":9}]})"}});
  StartMonitor();
  const auto snapshot = NextLook();
  EXPECT_TRUE(snapshot->reachable);
  EXPECT_EQ(snapshot->version, "0.17.4");
  ASSERT_NE(snapshot->Find("qwen3-vl:4b"), nullptr);
  EXPECT_TRUE(snapshot->Find("qwen3-vl:4b")->Can("vision"));
  ASSERT_EQ(snapshot->loaded.size(), 1);
  EXPECT_EQ(Requests("/api/show"), 0);
}

TEST_F(EngineMonitorTest, NoticesThatTheEngineGoesAndComesBack) {
  StartMonitor();
  EXPECT_TRUE(NextLook()->reachable);
  Set("/api/version", Refused());
  auto snapshot = NextLook();
  EXPECT_FALSE(snapshot->reachable);
  EXPECT_EQ(snapshot->version, "0.17.4");
  Set("/api/version", {.pieces = {R"({"version":"0.33.0"})"}});
  snapshot = NextLook();
  EXPECT_TRUE(snapshot->reachable);
  EXPECT_EQ(snapshot->version, "0.33.0");
}

TEST_F(EngineMonitorTest, AnEngineThatTalksNonsenseIsNotReachable) {
  Set("/api/version", {.pieces = {"<html>"}});
  StartMonitor();
  EXPECT_FALSE(NextLook()->reachable);
  Set("/api/version", {.status = 500, .pieces = {"{\"error\":\"no\"}"}});
  EXPECT_FALSE(NextLook()->reachable);
}

TEST_F(EngineMonitorTest, AsksAnOlderEngineForCapabilitiesOncePerModel) {
  Set("/api/tags", Tags(2));
  StartMonitor();
  auto snapshot = NextLook();
  EXPECT_TRUE(snapshot->Find("m0")->Can("vision"));
  EXPECT_TRUE(snapshot->Find("m1")->Can("vision"));
  NextLook();
  EXPECT_EQ(Requests("/api/show"), 2);
}

TEST_F(EngineMonitorTest, AsksAgainWhenAModelHasChanged) {
  Set("/api/tags", Tags(1, "old"));
  StartMonitor();
  EXPECT_TRUE(NextLook()->Find("m0")->Can("vision"));
  Set("/api/show", {.pieces = {R"({"capabilities":["completion"]})"}});
  Set("/api/tags", Tags(1, "new"));
  EXPECT_FALSE(NextLook()->Find("m0")->Can("vision"));
}

TEST_F(EngineMonitorTest, AsksAgainWhereTheAnswerWasAnError) {
  Set("/api/tags", Tags(3));
  Set("/api/show", {.status = 500, .pieces = {"{\"error\":\"busy loading\"}"}});
  StartMonitor();
  EXPECT_FALSE(NextLook()->Find("m2")->capabilities_known);
  Set("/api/show", {.pieces = {R"({"capabilities":["vision"]})"}});
  EXPECT_TRUE(NextLook()->Find("m2")->Can("vision"));
}

TEST_F(EngineMonitorTest, LearnsAboutManyModelsInSeveralLooks) {
  Set("/api/tags", Tags(100));
  StartMonitor();
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (absl::Now() < until && !NextLook()->Find("m99")->capabilities_known) {
  }
  const auto snapshot = NextLook();
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(snapshot->Find("m" + std::to_string(i))->Can("vision")) << i;
  }
  EXPECT_EQ(Requests("/api/show"), 100);
}

TEST_F(EngineMonitorTest, DoesNotAskAStuckEngineAboutEachModel) {
  Set("/api/tags", Tags(100));
  Set("/api/show",
      {.status = 0, .end = MakeError(absl::StatusCode::kDeadlineExceeded, kHttpTotalTimeout, "t")});
  StartMonitor(absl::Hours(1));
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (!catalog_.Latest()->reachable && absl::Now() < until)
    absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(Requests("/api/show"), 1);
}

TEST_F(EngineMonitorTest, StopsAtOnceInTheMiddleOfItsInterval) {
  StartMonitor(absl::InfiniteDuration());
  const absl::Time until = absl::Now() + absl::Seconds(20);
  while (!catalog_.Latest()->reachable && absl::Now() < until)
    absl::SleepFor(absl::Milliseconds(1));
  const absl::Time start = absl::Now();
  monitor_.reset();
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

}  // namespace
}  // namespace tessera::inference
