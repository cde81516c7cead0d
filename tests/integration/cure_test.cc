// SPDX-License-Identifier: Apache-2.0
//
// Models that stop answering, pictures that crash them, models that have to stay loaded.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/error.h"
#include "tests/integration/gateway.h"
#include "tests/integration/pair.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

using absl::StatusCode;
using Answers = std::vector<std::future<absl::StatusOr<api::GenerateResponse>>>;

constexpr char kText[] = "llama3.2-custom";
constexpr char kWedges[] = "tessera_inference_wedges_total";

GatewayOptions Impatient(size_t engines = 1) {
  GatewayOptions options = OneSlot(engines);
  options.inference.wedge_silence = absl::Milliseconds(300);
  return options;
}

TEST(WedgeTest, AWedgedModelIsCuredAndNobodysRequestIsLost) {
  Gateway gateway(Impatient());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(gateway.Ask(Say("learn")).ok());
  gateway.engine().Script("fault=wedge");
  const absl::Time start = absl::Now();
  Answers answers;
  for (int i = 0; i < 5; ++i) answers.push_back(gateway.AskLater(Say("hello")));
  for (auto& answer : answers) {
    const auto response = answer.get();
    EXPECT_TRUE(response.ok()) << response.status();
  }
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_EQ(gateway.Sum(kWedges), 1);
  EXPECT_EQ(gateway.engine().counters().slots_wedged, 0U);
  EXPECT_EQ(gateway.Sum("tessera_inference_retries_total", "ENGINE_WEDGED"), 1);
}

TEST(WedgeTest, AModelThatACancellationWedgedIsFoundByThoseWhoComeAfter) {
  Gateway gateway(Impatient());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(gateway.Ask(Say("learn")).ok());
  gateway.engine().Script("tokens=1000 rate=200 wedge_on_cancel=1");
  {
    const auto context = Soon();
    const auto stream = gateway.stub().StreamGenerate(context.get());
    api::StreamGenerateRequest start;
    *start.mutable_start() = Say("go on");
    ASSERT_TRUE(stream->Write(start));
    api::StreamGenerateResponse event;
    while (stream->Read(&event) && !event.has_text()) {
    }
    context->TryCancel();
    stream->Finish();
  }
  ASSERT_TRUE(gateway.engine().WaitFor(
      [](const simulator::JournalState& state) { return state.counters.slots_wedged == 1; }));
  Answers answers;
  for (int i = 0; i < 3; ++i) answers.push_back(gateway.AskLater(Say("hello")));
  for (auto& answer : answers) {
    const auto response = answer.get();
    EXPECT_TRUE(response.ok()) << response.status();
  }
  EXPECT_EQ(gateway.Sum(kWedges), 1);
}

TEST(WedgeTest, ALoneCallerFindsOutAtItsSecondTry) {
  Gateway gateway(Impatient());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(gateway.Ask(Say("learn")).ok());
  gateway.engine().Script("fault=wedge");
  const auto ask = [&] { return gateway.Ask(Say("hello"), {.timeout = absl::Milliseconds(700)}); };
  EXPECT_EQ(ask().status().code(), StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(PollUntil([&] { return ask().ok(); }));
  EXPECT_EQ(gateway.Sum(kWedges), 1);
}

TEST(WedgeTest, OtherModelsOfTheEngineGoOn) {
  Gateway gateway(Impatient());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(gateway.Ask(Say("learn")).ok());
  gateway.engine().Script("fault=wedge");
  auto stuck = gateway.AskLater(Say("hello"));
  ASSERT_TRUE(PollUntil([&] { return gateway.Chats().size() == 5; }));
  api::GenerateRequest other = Say("hello");
  other.set_model("tessera-mini");
  EXPECT_TRUE(gateway.Ask(other).ok());
  EXPECT_TRUE(gateway.Ask(Say("me too")).ok());
  EXPECT_TRUE(stuck.get().ok());
}

TEST(PoisonTest, APictureThatCrashesTheModelTwiceIsRefusedAndOthersAreServed) {
  Pair pair;
  const std::string bad = EncodeJpeg(DrawPhoto(320, 240));
  // What crashes while the model is being loaded is not the picture's doing.
  ASSERT_TRUE(Generate(pair.front(), ShowAndSay({EncodeJpeg(DrawPhoto(300, 240))}, "load")).ok());
  pair.engine().Script("fault=status:500", /*times=*/2);
  const auto first = Generate(pair.front(), ShowAndSay({bad}, "what?"));
  EXPECT_EQ(ReasonOf(first.status()), "IMAGE_POISONED") << first.status();
  const uint64_t seen = pair.engine().counters().requests_by_path["/api/chat"];
  const auto again = Generate(pair.front(), ShowAndSay({bad}, "what else?"));
  EXPECT_EQ(again.status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(again.status()), "IMAGE_POISONED");
  EXPECT_EQ(MetadataOf(again.status(), "image"), "0");
  EXPECT_EQ(pair.engine().counters().requests_by_path["/api/chat"], seen);
  EXPECT_TRUE(Generate(pair.front(), ShowAndSay({EncodeJpeg(DrawPhoto(300, 240))}, "what?")).ok());
}

TEST(ContextTest, PicturesThatDoNotFitNeverReachTheEngine) {
  Pair pair;
  const std::string picture = EncodeJpeg(DrawPhoto(640, 480));
  // Loads the model: from then on its context is known.
  ASSERT_TRUE(Generate(pair.front(), ShowAndSay({picture}, "what?")).ok());
  ASSERT_TRUE(PollUntil([&] {
    return Sample(pair.ScrapeInference(),
                  "tessera_inference_model_vram_bytes{gen_ai_request_model=\"qwen3-vl:4b\"}") > 0;
  }));
  const uint64_t seen = pair.engine().counters().requests_by_path["/api/chat"];
  const auto refused =
      Generate(pair.front(), ShowAndSay(std::vector<std::string>(8, picture), "compare"));
  EXPECT_EQ(ReasonOf(refused.status()), "CONTEXT_OVERFLOW") << refused.status();
  EXPECT_EQ(MetadataOf(refused.status(), "availableTokens"), "8192");
  EXPECT_GT(std::stoi(MetadataOf(refused.status(), "neededTokens")), 8192);
  EXPECT_EQ(pair.engine().counters().requests_by_path["/api/chat"], seen);
}

// Loads and renewals that the engine has seen, for a model.
size_t KeptRequests(Gateway& gateway, const std::string& model) {
  size_t count = 0;
  for (const auto& request : gateway.engine().State().requests) {
    count += request.path == "/api/generate" && request.model.starts_with(model) &&
             request.prompt.empty();
  }
  return count;
}

TEST(KeepLoadedTest, ModelsAreLoadedAtTheStartAndComeBackAfterARestart) {
  GatewayOptions options = OneSlot();
  options.inference.keep_loaded = {kText, "tessera-mini"};
  for (auto& model : options.engines[0].models) model.load_time = absl::Milliseconds(100);
  Gateway gateway(options);
  const auto both_loaded = [&] {
    return gateway.Sum("tessera_inference_model_loaded", kText) == 1 &&
           gateway.Sum("tessera_inference_model_loaded", "tessera-mini") == 1;
  };
  // Lanes come into being with their first request.
  api::GenerateRequest mini = Say("hello");
  mini.set_model("tessera-mini");
  EXPECT_TRUE(gateway.WaitForSum("tessera_inference_kept_model_loads_total", 2, "ok"));
  ASSERT_TRUE(gateway.Ask(Say("hello")).ok());
  ASSERT_TRUE(gateway.Ask(mini).ok());
  EXPECT_TRUE(PollUntil(both_loaded));
  EXPECT_EQ(gateway.engine().counters().loads_started, 2U);
  gateway.engine().Crash();
  EXPECT_TRUE(PollUntil([&] { return gateway.Sum("tessera_inference_backend_up") == 0; }));
  ASSERT_TRUE(gateway.engine().Restart().ok());
  EXPECT_TRUE(PollUntil([&] { return gateway.engine().counters().loads_finished == 4; }));
  EXPECT_TRUE(PollUntil(both_loaded));
}

TEST(KeepLoadedTest, OtherModelsAreServedWhileOneIsBeingLoaded) {
  GatewayOptions options = OneSlot();
  options.inference.keep_loaded = {kText, "qwen3-vl:4b"};
  for (auto& model : options.engines[0].models) {
    if (model.name == "qwen3-vl:4b") model.load_time = absl::Seconds(20);
  }
  Gateway gateway(options);
  ASSERT_TRUE(PollUntil([&] { return gateway.engine().counters().loads_started == 2; }));
  EXPECT_TRUE(gateway.Ask(Say("hello"), {.timeout = absl::Seconds(2)}).ok());
  EXPECT_EQ(gateway.engine().counters().loads_finished, 1U);
}

TEST(KeepLoadedTest, ItsStayIsRenewedBeforeItEnds) {
  GatewayOptions options = OneSlot();
  options.inference.keep_loaded = {kText};
  options.inference.keep_alive = absl::Milliseconds(1'200);
  Gateway gateway(options);
  EXPECT_TRUE(PollUntil([&] { return KeptRequests(gateway, kText) >= 5; }));
  EXPECT_EQ(gateway.engine().counters().loads_started, 1U);
  EXPECT_EQ(gateway.engine().counters().unloads, 0U);
}

}  // namespace
}  // namespace tessera::testing
