// SPDX-License-Identifier: Apache-2.0
//
// Loads, slots, queues, reloads, keep_alive and the wedge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "simulator/error_texts.h"
#include "simulator/ollama_simulator.h"
#include "tests/simulator/raw_http_client.h"

namespace tessera::simulator {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ModelSpec Model(const std::string& name, absl::Duration load_time = absl::ZeroDuration()) {
  ModelSpec model;
  model.name = name;
  model.load_time = load_time;
  model.size_bytes = 1000;
  return model;
}

std::string Chat(const std::string& model, const std::string& content = "hi",
                 const std::string& more = "") {
  return R"({"model":")" + model + R"(","messages":[{"role":"user","content":")" + content +
         R"("}])" + more + "}";
}

class LoadingTest : public testing::Test {
 protected:
  void Start(std::vector<ModelSpec> models, OllamaSimulator::Options options = {}) {
    options.models = std::move(models);
    simulator_ = OllamaSimulator::Start(std::move(options)).value();
  }
  RawResponse Post(const std::string& body, const std::string& path = "/api/chat") {
    return CallOnce(simulator_->port(), "POST", path, body);
  }
  std::string Ps() { return CallOnce(simulator_->port(), "GET", "/api/ps").body; }
  std::unique_ptr<RawHttpClient> Begin(const std::string& body) {
    auto client = std::make_unique<RawHttpClient>(simulator_->port());
    client->SendRequest("POST", "/api/chat", body);
    return client;
  }
  void WaitForRequests(uint64_t count, RequestPhase phase) {
    ASSERT_TRUE(simulator_->WaitFor([&](const JournalState& state) {
      uint64_t found = 0;
      for (const RequestRecord& record : state.requests) found += record.phase == phase;
      return found >= count;
    }));
  }
  std::unique_ptr<OllamaSimulator> simulator_;
};

TEST_F(LoadingTest, AColdLoadSendsNothingUntilTheFirstToken) {
  Start({Model("cold", absl::Milliseconds(400))});
  const auto client = Begin(Chat("cold"));
  WaitForRequests(1, RequestPhase::kQueued);
  EXPECT_TRUE(client->StaysSilent(50));
  EXPECT_EQ(Ps(), "{\"models\":[]}") << "a loading model does not show";
  const RawResponse response = client->Read();
  EXPECT_THAT(response.body, HasSubstr("\"done\":true"));
  EXPECT_THAT(Ps(), HasSubstr("\"name\":\"cold:latest\""));
  EXPECT_TRUE(simulator_->State().Last("/api/chat")->cold);
}

TEST_F(LoadingTest, MetadataIsReadForTheNextRequestWhileTheSlotIsTaken) {
  ModelSpec model = Model("large");
  model.metadata_time = absl::Milliseconds(300);
  Start({model});
  const auto first = Begin(Chat("large", "{{sim:pause_first_ms=800}}"));
  WaitForRequests(1, RequestPhase::kPrefill);
  const auto second = Begin(Chat("large"));
  EXPECT_EQ(first->Read().status, 200);
  const std::string body = second->Read().body;
  const std::string key = "\"load_duration\":";
  EXPECT_GE(std::stoll(body.substr(body.find(key) + key.size())), 300'000'000);
  const JournalState state = simulator_->State();
  EXPECT_LT(*state.requests[1].slot_granted - *state.requests[0].ended,
            std::chrono::milliseconds(250));
}

TEST_F(LoadingTest, LoadsGoOneAfterTheOtherWhileWarmModelsAnswer) {
  Start({Model("warm"), Model("a", absl::Milliseconds(400)), Model("b", absl::Milliseconds(400))});
  Post(Chat("warm"));
  const auto start = std::chrono::steady_clock::now();
  const auto a = Begin(Chat("a"));
  const auto b = Begin(Chat("b"));
  WaitForRequests(2, RequestPhase::kQueued);
  EXPECT_EQ(Post(Chat("warm")).status, 200);
  EXPECT_EQ(simulator_->counters().loads_finished, 1u);
  EXPECT_EQ(a->Read().status, 200);
  EXPECT_EQ(b->Read().status, 200);
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(800));
}

TEST_F(LoadingTest, TheLoadersDisconnectAbortsTheLoadForEverybody) {
  Start({Model("cold", absl::Milliseconds(600))});
  auto loader = Begin(Chat("cold"));
  WaitForRequests(1, RequestPhase::kQueued);
  const auto waiting = Begin(Chat("cold"));
  WaitForRequests(2, RequestPhase::kQueued);
  loader->Close();
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.loads_aborted == 1; }));
  EXPECT_THAT(waiting->Read().body, HasSubstr("\"done\":true"));
  EXPECT_EQ(simulator_->counters().loads_started, 2u);
  EXPECT_EQ(simulator_->State().requests[0].gone_in, RequestPhase::kQueued);
}

TEST_F(LoadingTest, TheQueueIsBoundedForColdModelsOnly) {
  OllamaSimulator::Options options;
  options.max_queue = 1;
  Start({Model("cold", absl::Milliseconds(800))}, options);
  const auto loading = Begin(Chat("cold"));
  WaitForRequests(1, RequestPhase::kQueued);
  const auto queued = Begin(Chat("cold"));
  WaitForRequests(2, RequestPhase::kQueued);
  const RawResponse refused = Post(Chat("cold"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(refused.body, HasSubstr(kBusyText));
  EXPECT_EQ(loading->Read().status, 200);
  EXPECT_EQ(queued->Read().status, 200);

  // Warm, eight at once are all taken, one after the other.
  std::vector<std::unique_ptr<RawHttpClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(Begin(Chat("cold", "{{sim: tokens=5 rate=500}}")));
  }
  for (const auto& client : clients) {
    EXPECT_EQ(client->Read().status, 200);
  }
  EXPECT_EQ(simulator_->counters().max_slots_busy, 1u);
  EXPECT_EQ(simulator_->counters().busy_refusals, 1u);
}

TEST_F(LoadingTest, SlotsAreThoseOfTheModel) {
  ModelSpec wide = Model("wide");
  wide.parallel = 3;
  Start({wide});
  std::vector<std::unique_ptr<RawHttpClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(Begin(Chat("wide", "{{sim: tokens=10 rate=200}}")));
  }
  for (const auto& client : clients) {
    EXPECT_EQ(client->Read().status, 200);
  }
  EXPECT_EQ(simulator_->counters().max_slots_busy, 3u);
}

TEST_F(LoadingTest, RunnerOptionsReloadAndOthersDoNot) {
  Start({Model("m")});
  Post(Chat("m"));
  uint64_t reloads = 0;
  for (const char* option :
       {R"("num_ctx":2048)", R"("num_batch":128)", R"("num_thread":2)", R"("num_gpu":3)",
        R"("main_gpu":1)", R"("use_mmap":false)", R"("draft_num_predict":2)"}) {
    const std::string more = std::string(R"(,"options":{)") + option + "}";
    EXPECT_EQ(Post(Chat("m", "hi", more)).status, 200);
    EXPECT_EQ(simulator_->counters().reloads, ++reloads) << option;
    EXPECT_EQ(Post(Chat("m", "hi", more)).status, 200);
    EXPECT_EQ(simulator_->counters().reloads, reloads) << option << " again";
  }
  Post(Chat("m", "hi", R"(,"shift":false)"));
  EXPECT_EQ(simulator_->counters().reloads, ++reloads) << "shift";
  Post(Chat(
      "m", "hi",
      R"(,"shift":false,"truncate":false,"format":"json","keep_alive":"1h","options":{"temperature":0,"seed":3,"top_k":5,"top_p":0.5,"min_p":0.1,"stop":["x"],"num_predict":4,"num_keep":3,"repeat_penalty":1.2})"));
  EXPECT_EQ(simulator_->counters().reloads, reloads);
}

TEST_F(LoadingTest, NumGpuUnsetTakesWhatIsLoaded) {
  Start({Model("m")});
  Post(Chat("m", "hi", R"(,"options":{"num_gpu":0})"));
  EXPECT_THAT(Ps(), HasSubstr("\"size_vram\":0,"));
  Post(Chat("m"));
  EXPECT_EQ(simulator_->counters().reloads, 0u);
  EXPECT_THAT(Ps(), HasSubstr("\"size_vram\":0,"));
}

TEST_F(LoadingTest, AReloadWaitsForTheModelsUsers) {
  Start({Model("m")});
  const auto user = Begin(Chat("m", "{{sim: tokens=20 rate=25}}"));
  WaitForRequests(1, RequestPhase::kStreaming);
  const auto other = Begin(Chat("m", "hi", R"(,"options":{"num_ctx":1024})"));
  WaitForRequests(1, RequestPhase::kQueued);
  EXPECT_THAT(user->Read().body, HasSubstr("\"done\":true"));
  EXPECT_EQ(other->Read().status, 200);
  EXPECT_EQ(simulator_->counters().reloads, 1u);
  EXPECT_THAT(Ps(), HasSubstr("\"context_length\":1024"));
}

TEST_F(LoadingTest, KeepAliveStaysUntilSomebodySaysOtherwise) {
  Start({Model("m")});
  Post(Chat("m", "hi", R"(,"keep_alive":-1)"));
  EXPECT_THAT(Ps(), HasSubstr("\"expires_at\":\"23"));
  Post(Chat("m"));
  EXPECT_THAT(Ps(), HasSubstr("\"expires_at\":\"23"));
  Post(Chat("m", "hi", R"(,"keep_alive":"50ms")"));
  EXPECT_THAT(Ps(), Not(HasSubstr("\"expires_at\":\"23")));
  ASSERT_TRUE(
      simulator_->WaitFor([](const JournalState& state) { return state.counters.unloads == 1; }));
  EXPECT_EQ(Ps(), "{\"models\":[]}");
}

TEST_F(LoadingTest, KeepAliveZeroUnloadsAfterTheLastUser) {
  Start({Model("m")});
  const auto user = Begin(Chat("m", "{{sim: tokens=20 rate=25}}"));
  WaitForRequests(1, RequestPhase::kStreaming);
  const RawResponse unload = Post(R"({"model":"m","keep_alive":0})", "/api/generate");
  EXPECT_THAT(unload.body, HasSubstr("\"done_reason\":\"unload\""));
  EXPECT_THAT(Ps(), HasSubstr("\"m:latest\""));
  EXPECT_EQ(user->Read().status, 200);
  ASSERT_TRUE(
      simulator_->WaitFor([](const JournalState& state) { return state.counters.unloads == 1; }));
  // Also fine when nothing is loaded.
  EXPECT_EQ(Post(R"({"model":"m","keep_alive":0})", "/api/generate").status, 200);
  EXPECT_EQ(Post(R"({"model":"nope","keep_alive":0})", "/api/generate").status, 404);
}

TEST_F(LoadingTest, NamesWithTheSameWeightsShareARunner) {
  ModelSpec q8 = Model("m:q8");
  q8.weights = "the same";
  ModelSpec alias = Model("alias");
  alias.weights = "the same";
  Start({q8, alias});
  Post(Chat("m:q8"));
  Post(Chat("alias"));
  EXPECT_EQ(simulator_->counters().loads_finished, 1u);
  EXPECT_THAT(Ps(), HasSubstr("\"m:q8\""));
  EXPECT_THAT(Ps(), Not(HasSubstr("alias")));
  Post(Chat("alias", "hi", R"(,"options":{"num_ctx":2048})"));
  EXPECT_EQ(simulator_->counters().reloads, 1u) << "and evict each other";
}

TEST_F(LoadingTest, ATagMadeAnewShowsTwice) {
  Start({Model("m")});
  Post(Chat("m"));
  ModelSpec fresh = Model("m");
  fresh.weights = "new weights";
  simulator_->PutModel(fresh);
  Post(Chat("m"));
  const std::string ps = Ps();
  const size_t first = ps.find("\"name\":\"m:latest\"");
  EXPECT_NE(ps.find("\"name\":\"m:latest\"", first + 1), std::string::npos) << ps;
}

TEST_F(LoadingTest, TheIdleModelWithTheShortestSessionIsEvicted) {
  OllamaSimulator::Options options;
  options.max_loaded_models = 2;
  Start({Model("a"), Model("b"), Model("c")}, options);
  Post(Chat("a", "hi", R"(,"keep_alive":"30m")"));
  Post(Chat("b", "hi", R"(,"keep_alive":"1m")"));
  Post(Chat("c"));
  EXPECT_THAT(Ps(), HasSubstr("\"a:latest\""));
  EXPECT_THAT(Ps(), Not(HasSubstr("\"b:latest\"")));
}

TEST_F(LoadingTest, OffloadIsWhateverTheModelSays) {
  const std::pair<int64_t, int64_t> kCases[] = {{100, 60}, {100, 0}, {100, 100}, {100, 120}};
  for (const auto& [size, vram] : kCases) {
    ModelSpec model = Model("m");
    model.loaded_size_bytes = size;
    model.loaded_vram_bytes = vram;
    Start({model});
    Post(Chat("m"));
    EXPECT_THAT(Ps(), HasSubstr("\"size\":" + std::to_string(size) + ","));
    EXPECT_THAT(Ps(), HasSubstr("\"size_vram\":" + std::to_string(vram) + ","));
  }
}

TEST_F(LoadingTest, AFailedLoadIsA500AndTheNextTriesAgain) {
  ModelSpec model = Model("m");
  model.load_error = "llama-server process has terminated: exit status 1";
  Start({model});
  const RawResponse response = Post(Chat("m"));
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, HasSubstr("has terminated"));
  simulator_->PutModel(Model("m"));
  EXPECT_EQ(Post(Chat("m")).status, 200);
}

TEST_F(LoadingTest, AWedgedModelAcceptsAndNeverAnswersUntilItIsUnloaded) {
  Start({Model("m")});
  auto reader = Begin(Chat("m", "{{sim: tokens=50 rate=100 wedge_on_cancel=1}}"));
  WaitForRequests(1, RequestPhase::kStreaming);
  reader->Close();
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.slots_wedged == 1; }));
  auto hanging = Begin(Chat("m"));
  EXPECT_TRUE(hanging->StaysSilent(50));
  // An unload does not help while somebody waits.
  Post(R"({"model":"m","keep_alive":0})", "/api/generate");
  EXPECT_TRUE(hanging->StaysSilent(50));
  hanging->Close();
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.slots_wedged == 0; }));
  EXPECT_THAT(Post(Chat("m")).body, HasSubstr("\"done\":true"));
  EXPECT_EQ(simulator_->counters().loads_finished, 2u);
}

TEST_F(LoadingTest, ABlockedGeneratorWedgesWhenItsClientGoes) {
  OllamaSimulator::Options options;
  options.wedge_on_blocked_cancel = true;
  Start({Model("m")}, options);
  auto deaf = Begin(Chat("m", "{{sim: fault=endless}}"));
  // Its client never reads, so the generator stops for want of room.
  uint64_t seen = 0;
  ASSERT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.tokens_sent > 1000; }));
  for (uint64_t now = 1; now != seen;) {
    seen = simulator_->counters().tokens_sent;
    deaf->StaysSilent(0);
    RawHttpClient(simulator_->port()).Call("GET", "/api/version");
    simulator_->WaitFor(
        [&](const JournalState& state) { return state.counters.tokens_sent != seen; },
        absl::Milliseconds(100));
    now = simulator_->counters().tokens_sent;
  }
  deaf->Reset();
  EXPECT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.slots_wedged == 1; }));
}

TEST_F(LoadingTest, ADisconnectFreesTheSlotAtOnce) {
  Start({Model("m")});
  uint64_t requests = 0;
  for (const bool with_reset : {false, true}) {
    auto client = Begin(Chat("m", "{{sim: tokens=1000 rate=10}}"));
    ++requests;
    ASSERT_TRUE(simulator_->WaitFor([&](const JournalState& state) {
      return state.counters.requests == requests &&
             state.requests.back().phase == RequestPhase::kStreaming;
    }));
    if (with_reset) {
      client->Reset();
    } else {
      client->Close();
    }
    EXPECT_EQ(Post(Chat("m")).status, 200);
    ++requests;
  }
  EXPECT_TRUE(simulator_->WaitFor(
      [](const JournalState& state) { return state.counters.clients_gone == 2; }));
}

TEST_F(LoadingTest, AModelMayFinishThePromptOfAClientThatLeft) {
  ModelSpec model = Model("m");
  model.finishes_prefill_after_cancel = true;
  Start({model});
  const auto start = std::chrono::steady_clock::now();
  auto client = Begin(Chat("m", "{{sim: pause_first_ms=500}}"));
  WaitForRequests(1, RequestPhase::kPrefill);
  client->Close();
  EXPECT_EQ(Post(Chat("m")).status, 200);
  EXPECT_GT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(500));
  EXPECT_EQ(simulator_->State().requests[0].gone_in, RequestPhase::kPrefill);
}

TEST_F(LoadingTest, TheRunnersDeathReachesWhoUsesItAndWhoWaits) {
  Start({Model("m")});
  const auto streaming = Begin(Chat("m", "{{sim: tokens=1000 rate=100}}"));
  WaitForRequests(1, RequestPhase::kStreaming);
  const auto waiting = Begin(Chat("m"));
  WaitForRequests(1, RequestPhase::kQueued);
  simulator_->KillRunner("m");
  const RawResponse cut = streaming->Read();
  EXPECT_EQ(cut.status, 200);
  EXPECT_THAT(cut.Lines().back(), HasSubstr(kRunnerEofText));
  const RawResponse refused = waiting->Read();
  EXPECT_EQ(refused.status, 500);
  EXPECT_THAT(refused.body, HasSubstr("model runner has unexpectedly stopped"));
  EXPECT_EQ(Post(Chat("m")).status, 200);
}

}  // namespace
}  // namespace tessera::simulator
