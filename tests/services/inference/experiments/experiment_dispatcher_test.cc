// SPDX-License-Identifier: Apache-2.0
#include "services/inference/experiments/experiment_dispatcher.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <optional>
#include <string>
#include <vector>

#include "common/status/error.h"
#include "tests/support/fake_model_engine.h"
#include "tests/support/metric_values.h"

namespace tessera::inference {
namespace {

using testing::FakeChat;
using testing::FakeModelEngine;
using testing::MetricValue;

// Starts each job at once, or says that it has to wait.
class FakeDispatcher : public ChatDispatcher {
 public:
  std::shared_ptr<ChatHandle> Submit(ChatJob job,
                                     std::shared_ptr<DispatchObserver> observer) override {
    jobs.push_back(job);
    if (busy) observer->OnPhase(QueuedPhase{.position = 1});
    return job.start(engine, observer);
  }

  FakeModelEngine engine;
  std::vector<ChatJob> jobs;
  bool busy = false;
};

class Recorder : public DispatchObserver {
 public:
  void OnPhase(const Phase&) override { ++phases; }
  absl::Status OnPiece(const ChatPiece& piece) override {
    text += piece.text;
    return absl::OkStatus();
  }
  void OnEnd(absl::StatusOr<ChatOutcome> outcome) override { end = std::move(outcome); }

  int phases = 0;
  std::string text;
  std::optional<absl::StatusOr<ChatOutcome>> end;
};

class ExperimentDispatcherTest : public ::testing::Test {
 protected:
  std::shared_ptr<Recorder> Submit(ExperimentDispatcher& experiments, const std::string& model,
                                   const std::string& client = "somebody") {
    auto observer = std::make_shared<Recorder>();
    // Gone once the job has ended, as the message of a call is.
    auto text = std::make_shared<std::string>("a question");
    ChatJob job{.model = model, .client = client};
    job.start = [text, model](ModelEngine& engine, std::shared_ptr<ChatObserver> heard) {
      return engine.Chat({.model = model, .messages = {{.text = *text}}}, std::move(heard));
    };
    experiments.Submit(std::move(job), observer);
    return observer;
  }
  std::vector<ExperimentPlan> Plan(ExperimentMode mode, double share = 1) {
    return {{.name = "try", .mode = mode, .model = "old", .other = "new", .share = share}};
  }
  std::shared_ptr<FakeChat> Chat(size_t index) { return dispatcher_.engine.chats().at(index); }
  double Shadows(const char* result) {
    return MetricValue(*registry_, "tessera_inference_experiment_shadows_total",
                       {{"experiment", "try"}, {"result", result}})
        .value_or(-1);
  }

  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  FakeDispatcher dispatcher_;
};

TEST_F(ExperimentDispatcherTest, LeavesOtherModelsAlone) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_);
  const auto caller = Submit(experiments, "third");
  Chat(0)->End(ChatOutcome());
  EXPECT_TRUE(caller->end->ok());
  EXPECT_EQ(dispatcher_.jobs.size(), 1);
}

TEST_F(ExperimentDispatcherTest, AsksTheOtherModelOnceTheCallerHasHisAnswer) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_);
  const auto caller = Submit(experiments, "old");
  ASSERT_EQ(dispatcher_.jobs.size(), 1) << "nothing before the answer";
  EXPECT_TRUE(Chat(0)->Piece("yes").ok());
  Chat(0)->End(ChatOutcome());
  EXPECT_EQ(caller->text, "yes");
  ASSERT_EQ(dispatcher_.jobs.size(), 2);
  EXPECT_EQ(dispatcher_.jobs[1].priority, JobPriority::kBatch);
  EXPECT_EQ(Chat(1)->model(), "new");
  EXPECT_EQ(Chat(1)->texts(), Chat(0)->texts());
  EXPECT_TRUE(Chat(1)->Piece("yes").ok());
  Chat(1)->End(ChatOutcome());
  EXPECT_EQ(Shadows("same"), 1);
  EXPECT_EQ(caller->text, "yes") << "nothing of a shadow reaches the caller";
}

TEST_F(ExperimentDispatcherTest, CountsAnswersThatDifferOrFail) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_);
  Submit(experiments, "old");
  EXPECT_TRUE(Chat(0)->Piece("yes").ok());
  Chat(0)->End(ChatOutcome());
  EXPECT_TRUE(Chat(1)->Piece("no").ok());
  Chat(1)->End(ChatOutcome());
  EXPECT_EQ(Shadows("different"), 1);
  Submit(experiments, "old");
  Chat(2)->End(ChatOutcome());
  Chat(3)->End(MakeError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE", "gone"));
  EXPECT_EQ(Shadows("failed"), 1);
}

TEST_F(ExperimentDispatcherTest, DropsAShadowThatWouldWait) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_);
  Submit(experiments, "old");
  dispatcher_.busy = true;
  Chat(0)->End(ChatOutcome());
  ASSERT_EQ(dispatcher_.jobs.size(), 2);
  EXPECT_TRUE(Chat(1)->cancelled());
  Chat(1)->End(absl::CancelledError());
  EXPECT_EQ(Shadows("dropped"), 1);
}

TEST_F(ExperimentDispatcherTest, KeepsFewShadowsAtOnce) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_,
                                   {.most = 1, .beside_callers = true});
  Submit(experiments, "old");
  Submit(experiments, "old");
  EXPECT_EQ(Shadows("dropped"), 1);
  Chat(0)->End(ChatOutcome());
  Chat(2)->End(ChatOutcome());
  Submit(experiments, "old");
  Chat(3)->End(ChatOutcome());
  EXPECT_EQ(dispatcher_.jobs.size(), 5) << "its place is free again";
}

TEST_F(ExperimentDispatcherTest, DropsAShadowWhileSomebodyElseIsServed) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_);
  Submit(experiments, "old");
  Submit(experiments, "third");
  Chat(0)->End(ChatOutcome());
  EXPECT_EQ(dispatcher_.jobs.size(), 2);
  EXPECT_EQ(Shadows("dropped"), 1);
  Chat(1)->End(ChatOutcome());
  Submit(experiments, "old");
  Chat(2)->End(ChatOutcome());
  EXPECT_EQ(dispatcher_.jobs.size(), 4) << "nobody is served any more";
}

TEST_F(ExperimentDispatcherTest, EndsAShadowWhenTheNextCallerComes) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_);
  Submit(experiments, "old");
  Chat(0)->End(ChatOutcome());
  ASSERT_EQ(Chat(1)->model(), "new");
  Submit(experiments, "third");
  EXPECT_TRUE(Chat(1)->cancelled());
  Chat(1)->End(absl::CancelledError());
  EXPECT_EQ(Shadows("dropped"), 1);
}

TEST_F(ExperimentDispatcherTest, LetsShadowsRunBesideCallersWhereThatIsAllowed) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_,
                                   {.beside_callers = true});
  Submit(experiments, "old");
  Submit(experiments, "third");
  Chat(0)->End(ChatOutcome());
  ASSERT_EQ(dispatcher_.jobs.size(), 3);
  Submit(experiments, "third");
  EXPECT_FALSE(Chat(2)->cancelled());
}

TEST_F(ExperimentDispatcherTest, FollowsNoFailure) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow), *registry_);
  Submit(experiments, "old");
  Chat(0)->End(MakeError(absl::StatusCode::kUnavailable, "ENGINE_UNREACHABLE", "gone"));
  EXPECT_EQ(dispatcher_.jobs.size(), 1);
}

TEST_F(ExperimentDispatcherTest, DrawsItsShareEvenly) {
  ExperimentDispatcher experiments(dispatcher_, Plan(ExperimentMode::kShadow, 0.25), *registry_);
  for (int i = 0; i < 100; ++i) {
    const size_t before = dispatcher_.jobs.size();
    Submit(experiments, "old");
    Chat(before)->End(ChatOutcome());
    if (dispatcher_.jobs.size() > before + 1) Chat(before + 1)->End(ChatOutcome());
  }
  EXPECT_NEAR(Shadows("same"), 25, 1);
}

TEST_F(ExperimentDispatcherTest, SplitsByClientAndStaysWithIt) {
  const auto plans = Plan(ExperimentMode::kSplit, 0.5);
  ExperimentDispatcher experiments(dispatcher_, plans, *registry_);
  for (int i = 0; i < 40; ++i) {
    const std::string client = "client-" + std::to_string(i % 20);
    Submit(experiments, "old", client);
    const std::string expected = IsAssigned(plans[0], client) ? "new" : "old";
    EXPECT_EQ(Chat(static_cast<size_t>(i))->model(), expected);
    EXPECT_EQ(dispatcher_.jobs.back().model, expected);
    Chat(static_cast<size_t>(i))->End(ChatOutcome());
  }
  const auto requests = [&](const char* model) {
    return MetricValue(*registry_, "tessera_inference_experiment_requests_total",
                       {{"experiment", "try"}, {"gen_ai_request_model", model}})
        .value_or(-1);
  };
  EXPECT_EQ(requests("old") + requests("new"), 40);
  EXPECT_GT(requests("new"), 0);
}

}  // namespace
}  // namespace tessera::inference
