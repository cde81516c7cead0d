// SPDX-License-Identifier: Apache-2.0
//
// Who asks what others ask, or have asked: the cache and the flights that are shared.
#include "services/inference/flight.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/concurrency/notification.h"
#include "common/logging/log.h"
#include "services/inference/cache/answer_cache.h"
#include "services/inference/flight_table.h"
#include "services/inference/generation.h"
#include "tests/support/direct_dispatcher.h"
#include "tests/support/fake_model_engine.h"
#include "tests/support/metric_values.h"
#include "tests/support/redis_server.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::FakeChat;
using testing::FakeModelEngine;
using testing::IsError;
using testing::IsOk;
using testing::MetricValue;
using testing::RedisServer;

// One of those who ask.
class Caller : public GenerationListener {
 public:
  bool Forgets() const override { return forgets; }
  void OnPhase(const Phase& phase) override {
    MutexLock lock(&mutex_);
    phases_.push_back(phase);
  }
  absl::Status OnPiece(const ChatPiece& piece) override {
    MutexLock lock(&mutex_);
    pieces_.emplace_back(piece.text);
    return answer;
  }
  void OnGenerationEnd(absl::StatusOr<v1::Completion> completion) override {
    EXPECT_FALSE(ended_.HasBeenNotified()) << "a second end";
    completion_ = std::move(completion);
    ended_.Notify();
  }

  const absl::StatusOr<v1::Completion>& End() {
    EXPECT_TRUE(ended_.WaitFor(absl::Seconds(10)));
    return *completion_;
  }
  bool ended() const { return ended_.HasBeenNotified(); }
  std::vector<std::string> pieces() const {
    MutexLock lock(&mutex_);
    return pieces_;
  }
  size_t phases() const {
    MutexLock lock(&mutex_);
    return phases_.size();
  }
  v1::AnswerSource Source() { return End().ok() ? End()->source() : v1::ANSWER_SOURCE_UNSPECIFIED; }

  absl::Status answer;
  bool forgets = true;
  std::shared_ptr<Generation> generation;

 private:
  Notification ended_;
  mutable Mutex mutex_;
  std::vector<std::string> pieces_ ABSL_GUARDED_BY(mutex_);
  std::vector<Phase> phases_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::StatusOr<v1::Completion>> completion_;
};

using Texts = std::vector<std::string>;

class FlightTest : public ::testing::Test {
 protected:
  FlightTest() {
    InitLogging({.service = "test", .level = LogLevel::kOff});
    SetDigest("digest");
  }

  void SetDigest(const std::string& digest) {
    EngineSnapshot snapshot{.reachable = true, .version = "0.17.4"};
    snapshot.models["talking:latest"] = {.name = "talking:latest", .digest = digest};
    catalog_.Replace(std::move(snapshot));
  }

  static CheckedChat Say(const std::string& text = "hello") {
    const auto kept = std::make_shared<const std::string>(text);
    CheckedChat checked;
    checked.chat.model = "talking";
    checked.chat.messages = {{.role = ChatRole::kUser, .text = *kept}};
    checked.chat.sampling.temperature = 0;
    checked.bytes = text.size();
    checked.reads_cache = checked.writes_cache = true;
    checked.owner = kept;
    return checked;
  }

  std::shared_ptr<Caller> Start(CheckedChat chat,
                                absl::Time deadline = absl::Now() + absl::Minutes(1)) {
    auto caller = std::make_shared<Caller>();
    caller->generation =
        Generation::Start(context_, std::move(chat), "r-1", "me", deadline, *caller);
    return caller;
  }

  void AnswerAtOnce(const std::string& text) {
    engine_.on_chat = [text](FakeChat& chat) {
      EXPECT_THAT(chat.Piece(text), IsOk());
      chat.End(ChatOutcome{.finish = ChatFinish::kStop, .prompt_tokens = 7, .output_tokens = 2});
    };
  }

  size_t Asked() const { return engine_.chats().size(); }
  std::optional<double> Joins() {
    return MetricValue(registry_, "tessera_inference_cache_joins_total");
  }

  prometheus::Registry registry_;
  InferenceMetrics metrics_{registry_, {"talking"}};
  ModelCatalog catalog_;
  InFlightLimit limit_{1000, 1 << 30};
  FakeModelEngine engine_;
  WorkerPool pool_{{.threads = 1, .max_queued = 1}};
  DirectDispatcher dispatcher_{engine_, limit_, pool_};
  CacheMetrics cache_metrics_{registry_};
  FlightTable flights_;
  AnswerCache cache_{{.memory_bytes = 1 << 20, .ttl = absl::Hours(1), .redis = std::nullopt},
                     cache_metrics_};
  InferenceContext context_{.dispatcher = dispatcher_,
                            .catalog = catalog_,
                            .metrics = metrics_,
                            .cache = &cache_,
                            .flights = &flights_,
                            .defaults = {},
                            .max_reply_bytes = 1'000};
};

TEST_F(FlightTest, TheSecondTimeTheAnswerIsKnown) {
  AnswerAtOnce("good day");
  const auto first = Start(Say()), second = Start(Say());
  EXPECT_EQ(Asked(), 1);
  EXPECT_EQ(first->Source(), v1::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(second->Source(), v1::ANSWER_SOURCE_CACHE);
  EXPECT_EQ(second->pieces(), Texts({"good day"}));
  EXPECT_EQ(second->End()->finish_reason(), v1::FINISH_REASON_STOP);
  EXPECT_EQ(second->End()->usage().prompt_tokens(), 7);
  EXPECT_EQ(second->End()->attempts(), 0);
  EXPECT_EQ(first->End()->attempts(), 1);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_cache_hits_total", {{"tier", "memory"}}), 1);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_tokens_total",
                        {{"gen_ai_request_model", "talking"}, {"direction", "output"}}),
            2)
      << "a cached answer costs no tokens";
}

TEST_F(FlightTest, AnotherQuestionIsAnotherAnswer) {
  AnswerAtOnce("good day");
  Start(Say("hello"));
  EXPECT_EQ(Start(Say("hullo"))->Source(), v1::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(Asked(), 2);
}

TEST_F(FlightTest, OffNeitherReadsNorWritesNorJoins) {
  CheckedChat off = Say();
  off.reads_cache = off.writes_cache = false;
  AnswerAtOnce("good day");
  Start(off);
  EXPECT_EQ(Start(Say())->Source(), v1::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(Start(off)->Source(), v1::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(Asked(), 3);
  engine_.on_chat = nullptr;
  const auto one = Start(off), other = Start(off);
  EXPECT_EQ(Asked(), 5);
  for (const size_t i : {3, 4}) engine_.chats()[i]->End(ChatOutcome{});
  EXPECT_EQ(Joins(), 0);
}

TEST_F(FlightTest, RefreshAsksAgainAndKeepsTheNewAnswer) {
  AnswerAtOnce("old");
  Start(Say());
  CheckedChat refresh = Say();
  refresh.reads_cache = false;
  AnswerAtOnce("new");
  EXPECT_EQ(Start(refresh)->pieces(), Texts({"new"}));
  EXPECT_EQ(Start(Say())->pieces(), Texts({"new"}));
  EXPECT_EQ(Asked(), 2);
}

TEST_F(FlightTest, OtherWeightsUnderTheSameNameAreAnotherModel) {
  AnswerAtOnce("good day");
  Start(Say());
  SetDigest("other digest");
  EXPECT_EQ(Start(Say())->Source(), v1::ANSWER_SOURCE_ENGINE);
  SetDigest("digest");
  EXPECT_EQ(Start(Say())->Source(), v1::ANSWER_SOURCE_CACHE);
}

TEST_F(FlightTest, NothingIsSharedWhileTheWeightsAreNotKnown) {
  catalog_.Replace({.reachable = true});
  AnswerAtOnce("good day");
  Start(Say());
  EXPECT_EQ(Start(Say())->Source(), v1::ANSWER_SOURCE_ENGINE);
}

TEST_F(FlightTest, AnErrorIsNotKept) {
  engine_.on_chat = [](FakeChat& chat) {
    chat.End(MakeError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE", "gone"));
  };
  EXPECT_THAT(Start(Say())->End(), IsError(StatusCode::kUnavailable, "ENGINE_UNREACHABLE"));
  AnswerAtOnce("good day");
  EXPECT_EQ(Start(Say())->Source(), v1::ANSWER_SOURCE_ENGINE);
}

TEST_F(FlightTest, AHundredAtOnceAreOneCall) {
  std::vector<std::shared_ptr<Caller>> callers(100);
  std::vector<std::thread> threads;
  const absl::Time deadline = absl::Now() + absl::Minutes(1);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < 100; i += 4) callers[i] = Start(Say(), deadline + absl::Milliseconds(i));
    });
  }
  const auto chat = engine_.WaitForChat(0);
  EXPECT_THAT(chat->Piece("good "), IsOk());
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(chat->Piece("day"), IsOk());
  chat->End(ChatOutcome{.output_tokens = 2});
  int made = 0;
  for (const auto& caller : callers) {
    ASSERT_THAT(caller->End(), IsOk());
    EXPECT_EQ(caller->pieces(), Texts({"good ", "day"}));
    made += caller->Source() == v1::ANSWER_SOURCE_ENGINE ? 1 : 0;
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(Asked(), 1);
  EXPECT_EQ(Joins(), 99);
  EXPECT_EQ(MetricValue(registry_, "tessera_inference_requests_in_flight"), 0);
}

TEST_F(FlightTest, WhoeverComesLateHearsWhatWasSaidAndThenTheRestAsItComes) {
  const auto first = Start(Say());
  const auto chat = engine_.WaitForChat(0);
  EXPECT_THAT(chat->Piece("good "), IsOk());
  const auto late = Start(Say());
  EXPECT_EQ(late->pieces(), Texts({"good "}));
  EXPECT_FALSE(late->ended());
  EXPECT_THAT(chat->Piece("day"), IsOk());
  EXPECT_EQ(late->pieces(), Texts({"good ", "day"}));
  chat->End(ChatOutcome{});
  EXPECT_EQ(first->Source(), v1::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(late->Source(), v1::ANSWER_SOURCE_JOINED);
}

TEST_F(FlightTest, WhoeverJoinedMayLeave) {
  const auto first = Start(Say()), second = Start(Say());
  const auto chat = engine_.WaitForChat(0);
  second->generation->Cancel();
  EXPECT_THAT(second->End(), IsError(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_FALSE(chat->cancelled());
  EXPECT_THAT(chat->Piece("good day"), IsOk());
  chat->End(ChatOutcome{});
  EXPECT_THAT(first->End(), IsOk());
  EXPECT_TRUE(second->pieces().empty());
}

TEST_F(FlightTest, WhoeverBeganItMayLeaveToo) {
  const auto first = Start(Say()), second = Start(Say());
  const auto chat = engine_.WaitForChat(0);
  EXPECT_THAT(chat->Piece("good "), IsOk());
  first->generation->Cancel();
  EXPECT_THAT(first->End(), IsError(StatusCode::kCancelled, "CANCELLED"));
  EXPECT_FALSE(chat->cancelled());
  EXPECT_THAT(chat->Piece("day"), IsOk());
  chat->End(ChatOutcome{});
  EXPECT_THAT(second->End(), IsOk());
  EXPECT_EQ(second->pieces(), Texts({"good ", "day"}));
  EXPECT_EQ(Start(Say())->Source(), v1::ANSWER_SOURCE_CACHE);
}

TEST_F(FlightTest, WithTheLastOneTheEngineIsCalledOff) {
  const auto first = Start(Say()), second = Start(Say());
  const auto chat = engine_.WaitForChat(0);
  first->generation->Cancel();
  second->generation->Cancel();
  EXPECT_TRUE(chat->cancelled());
  EXPECT_FALSE(second->ended()) << "the engine still holds it";
  const auto third = Start(Say());
  EXPECT_EQ(Asked(), 2) << "what is given up is not joined";
  chat->End(MakeError(StatusCode::kCancelled, "CANCELLED", "closed"));
  EXPECT_THAT(second->End(), IsError(StatusCode::kCancelled, "CANCELLED"));
  engine_.chats()[1]->End(ChatOutcome{});
  EXPECT_THAT(third->End(), IsOk());
}

TEST_F(FlightTest, ASlowReaderIsCutOffAlone) {
  const auto first = Start(Say()), second = Start(Say());
  second->answer = MakeError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW", "slow");
  const auto chat = engine_.WaitForChat(0);
  EXPECT_THAT(chat->Piece("good day"), IsOk());
  EXPECT_THAT(second->End(), IsError(StatusCode::kResourceExhausted, "CALLER_TOO_SLOW"));
  chat->End(ChatOutcome{});
  EXPECT_THAT(first->End(), IsOk());
}

TEST_F(FlightTest, NobodyGoesWithAFlightThatMayEndTooSoonForHim) {
  const absl::Time soon = absl::Now() + absl::Seconds(10);
  const auto first = Start(Say(), soon);
  const auto second = Start(Say(), soon + absl::Milliseconds(500));
  EXPECT_EQ(Asked(), 1) << "a little later is not too soon";
  const auto third = Start(Say(), soon + absl::Minutes(5));
  EXPECT_EQ(Asked(), 2);
  const auto fourth = Start(Say(), soon + absl::Minutes(5));
  EXPECT_EQ(Asked(), 2) << "the later flight is the one that is joined";
  for (const auto& chat : engine_.chats()) chat->End(ChatOutcome{});
  for (const auto& caller : {first, second, third, fourth}) EXPECT_THAT(caller->End(), IsOk());
}

TEST_F(FlightTest, NobodyWithPriorityGoesWithABatch) {
  CheckedChat batch = Say();
  batch.priority = JobPriority::kBatch;
  const auto first = Start(batch), second = Start(batch);
  EXPECT_EQ(Asked(), 1);
  const auto urgent = Start(Say());
  EXPECT_EQ(Asked(), 2);
  const auto third = Start(batch);
  EXPECT_EQ(Asked(), 2) << "a batch goes with whoever has priority";
  for (const auto& chat : engine_.chats()) chat->End(ChatOutcome{});
  for (const auto& caller : {first, second, urgent, third}) EXPECT_THAT(caller->End(), IsOk());
}

TEST_F(FlightTest, AnAnswerTooLongToKeepStillReachesThoseWhoHearIt) {
  const auto first = Start(Say()), second = Start(Say());
  const auto chat = engine_.WaitForChat(0);
  for (int i = 0; i < 20; ++i) EXPECT_THAT(chat->Piece(std::string(100, 'x')), IsOk());
  const auto late = Start(Say());
  EXPECT_EQ(Asked(), 2) << "its beginning is gone";
  for (const auto& one : engine_.chats()) one->End(ChatOutcome{});
  EXPECT_EQ(first->pieces().size(), 20);
  EXPECT_EQ(second->pieces().size(), 20);
  EXPECT_THAT(late->End(), IsOk());
}

TEST_F(FlightTest, WhatIsInRedisNeedsNoEngine) {
  RedisServer redis;
  redis.Start();
  RedisStore::Options options;
  options.host = redis.socket();
  options.limit = absl::Seconds(5);
  // One process puts, another one asks.
  for (const v1::AnswerSource expected : {v1::ANSWER_SOURCE_ENGINE, v1::ANSWER_SOURCE_CACHE}) {
    prometheus::Registry registry;
    CacheMetrics metrics(registry);
    AnswerCache cache({.redis = options}, metrics);
    const auto becomes = [&](const std::function<bool()>& met) {
      const absl::Time until = absl::Now() + absl::Seconds(10);
      for (; absl::Now() < until; absl::SleepFor(absl::Milliseconds(1))) {
        if (met()) return true;
      }
      return false;
    };
    ASSERT_TRUE(
        becomes([&] { return MetricValue(registry, "tessera_inference_cache_redis_up") == 1; }));
    InferenceContext context = context_;
    context.cache = &cache;
    AnswerAtOnce("good day");
    Caller caller;
    Generation::Start(context, Say(), "r-1", "me", absl::Now() + absl::Minutes(1), caller);
    EXPECT_EQ(caller.Source(), expected);
    EXPECT_EQ(caller.pieces(), Texts({"good day"}));
    // Nobody waits for a write; the next process must find it.
    const CacheKey key = KeyOf("digest", Say().chat, "");
    ASSERT_TRUE(becomes([&] {
      Notification done;
      bool found = false;
      prometheus::Registry other_registry;
      CacheMetrics other_metrics(other_registry);
      RedisStore other(options, other_metrics);
      if (!becomes([&] {
            return MetricValue(other_registry, "tessera_inference_cache_redis_up") == 1;
          })) {
        return false;
      }
      other.Get(key, [&](const std::optional<std::string>& answer) {
        found = answer.has_value();
        done.Notify();
      });
      done.Wait();
      return found;
    }));
  }
  EXPECT_EQ(Asked(), 1);
}

}  // namespace
}  // namespace tessera::inference
