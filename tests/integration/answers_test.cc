// SPDX-License-Identifier: Apache-2.0
//
// The whole generation surface, answers given before, and batches, through both doors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "tests/integration/pair.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"
#include "tests/support/redis_server.h"
#include "tests/support/status_matchers.h"

namespace tessera::testing {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

std::string Photo(uint64_t number = 1) { return EncodeJpeg(DrawPhoto(320, 240, number)); }

uint64_t Chats(Pair& pair) {
  auto by_path = pair.engine().counters().requests_by_path;
  return by_path["/api/chat"];
}

api::GenerateRequest Greedy(const std::string& text) {
  api::GenerateRequest request = Say(text);
  request.mutable_sampling()->set_temperature(0);
  return request;
}

TEST(AnswersTest, APictureIsClassifiedOnceHoweverOftenAndAtWhicheverDoorItIsAsked) {
  Pair pair;
  pair.engine().Script("label=photo", 0);
  const auto first = Classify(pair.front(), ClassifyFile(Photo(), {"document", "photo"}));
  const auto again = Classify(pair.front(), ClassifyFile(Photo(), {"document", "photo"}));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(first->completion().source(), api::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(again->completion().source(), api::ANSWER_SOURCE_CACHE);
  EXPECT_EQ(again->label(), "photo");
  EXPECT_EQ(again->confidence(), first->confidence());
  const auto other = Classify(pair.front(), ClassifyFile(Photo(2), {"document", "photo"}));
  ASSERT_THAT(other, IsOk());
  EXPECT_EQ(other->completion().source(), api::ANSWER_SOURCE_ENGINE);
  EXPECT_EQ(Chats(pair), 2);
  EXPECT_EQ(Sample(pair.ScrapeInference(), "tessera_inference_cache_hits_total{tier=\"memory\"}"),
            1);
}

TEST(AnswersTest, AHundredIdenticalRequestsAreOneForTheEngine) {
  Pair pair;
  pair.engine().Script("tokens=20 rate=100", 0);
  std::vector<std::thread> threads;
  std::vector<absl::StatusOr<api::GenerateResponse>> responses(100);
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&, i] {
      responses[i] = Generate(i % 2 == 0 ? pair.front() : pair.gpu(), Greedy("hello"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::map<int, int> sources;
  for (const auto& response : responses) {
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->text(), responses[0]->text());
    ++sources[response->completion().source()];
  }
  EXPECT_EQ(sources[api::ANSWER_SOURCE_ENGINE], 1);
  EXPECT_EQ(Chats(pair), 1);
}

TEST(AnswersTest, WhoeverLeavesTakesNobodyAlong) {
  Pair pair;
  pair.engine().Script("tokens=30 rate=100", 0);
  api::StreamGenerateRequest start;
  *start.mutable_start() = Greedy("hello");
  // The one who begins leaves at the first token.
  auto leaving = Soon();
  auto stream = pair.gpu().StreamGenerate(leaving.get());
  ASSERT_TRUE(stream->Write(start));
  api::StreamGenerateResponse event;
  while (stream->Read(&event) && !event.has_text()) {
  }
  StreamResult joined;
  std::thread second([&] { joined = Stream(pair.gpu(), {start}); });
  ASSERT_TRUE(PollUntil(
      [&] { return Sample(pair.ScrapeInference(), "tessera_inference_cache_joins_total") == 1; }));
  leaving->TryCancel();
  while (stream->Read(&event)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  second.join();
  ASSERT_THAT(joined.status, IsOk());
  EXPECT_EQ(joined.events.back().finished().source(), api::ANSWER_SOURCE_JOINED);
  EXPECT_EQ(joined.events.back().finished().usage().output_tokens(), 30);
  EXPECT_EQ(Chats(pair), 1);
}

TEST(AnswersTest, ProcessesShareTheirAnswersByRedisAndDoWithout) {
  RedisServer redis;
  redis.Start();
  PairOptions options;
  options.inference.cache_redis = redis.socket();
  Pair one(options), other(options);
  for (Pair* pair : {&one, &other}) {
    pair->engine().Script("tokens=3", 0);
    ASSERT_TRUE(PollUntil(
        [&] { return Sample(pair->ScrapeInference(), "tessera_inference_cache_redis_up") == 1; }));
  }
  ASSERT_THAT(Generate(one.front(), Greedy("hello")), IsOk());
  // Nobody waits for a write.
  ASSERT_TRUE(PollUntil([&] {
    const auto response = Generate(other.front(), Greedy("hello"));
    return response.ok() && response->completion().source() == api::ANSWER_SOURCE_CACHE;
  }));
  redis.Kill();
  const auto without = Generate(other.front(), Greedy("another"));
  ASSERT_THAT(without, IsOk());
  EXPECT_EQ(without->completion().source(), api::ANSWER_SOURCE_ENGINE);
}

TEST(AnswersTest, AnAnswerIsOfTheSchemaOrIsNone) {
  Pair pair;
  api::GenerateRequest request = Say("Who?");
  request.mutable_response_format()->set_json_schema(
      R"({"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]})");
  const auto fits = Generate(pair.front(), request);
  ASSERT_THAT(fits, IsOk());
  EXPECT_THAT(fits->text(), HasSubstr("age"));
  pair.engine().Script(R"(text="{\"age\": \"seven\"}")", 0);
  EXPECT_THAT(Generate(pair.front(), request),
              IsError(StatusCode::kInternal, "ANSWER_NOT_CONFORMING"));
  pair.engine().ClearScripts();
  pair.engine().Script(R"(text="{\"age\": \"seven\"}")", 1);
  request.mutable_response_format()->set_repair(true);
  const auto mended = Generate(pair.front(), request);
  ASSERT_THAT(mended, IsOk());
  EXPECT_TRUE(mended->completion().repaired());
}

TEST(AnswersTest, ToolsThoughtsAndVectorsGoThroughBothDoors) {
  PairOptions options;
  options.inference.text_model = "qwen3:4b";
  Pair pair(options);
  api::GenerateRequest with_tool = Say("Weather?");
  with_tool.set_model("llama3.2-custom");
  with_tool.add_tools()->set_name("weather");
  api::GenerateRequest thinking = Say("Why?");
  thinking.set_model("qwen3:4b");
  thinking.set_thinking(api::THINKING_ON);
  api::EmbedRequest embed;
  embed.set_model("tessera-embed");
  embed.add_texts("a text");
  embed.add_texts("another one");
  for (InferenceStub* stub : {&pair.front(), &pair.gpu()}) {
    pair.engine().ClearScripts();
    pair.engine().Script("tool=weather", 1);
    const auto called = Generate(*stub, with_tool);
    ASSERT_THAT(called, IsOk());
    ASSERT_EQ(called->tool_calls_size(), 1);
    EXPECT_EQ(called->tool_calls(0).name(), "weather");
    EXPECT_EQ(called->completion().finish_reason(), api::FINISH_REASON_TOOL_CALLS);
    pair.engine().Script("think=5 tokens=3", 1);
    const auto thought = Generate(*stub, thinking);
    ASSERT_THAT(thought, IsOk());
    EXPECT_FALSE(thought->thinking().empty());
    EXPECT_FALSE(thought->text().empty());
    api::EmbedResponse vectors;
    ASSERT_THAT(FromGrpcStatus(stub->Embed(Soon().get(), embed, &vectors)), IsOk());
    ASSERT_EQ(vectors.embeddings_size(), 2);
    EXPECT_GT(vectors.embeddings(0).values_size(), 0);
    EXPECT_EQ(vectors.embeddings(0).values_size(), vectors.embeddings(1).values_size());
  }
}

TEST(AnswersTest, ABatchGoesThroughBothDoorsPicturesIncluded) {
  Pair pair;
  pair.engine().Script("label=photo", 0);
  for (const bool front : {true, false}) {
    auto context = Soon(absl::Seconds(60));
    const auto stream = (front ? pair.front() : pair.gpu()).Batch(context.get());
    api::BatchResponse response;
    ASSERT_TRUE(stream->Read(&response));
    const int window = static_cast<int>(response.window().max_items());
    int sent = 0, answered = 0, failed = 0;
    const int count = 60;
    while (answered < count) {
      for (; sent < count && sent - answered < window; ++sent) {
        api::BatchRequest item;
        item.set_id(std::to_string(sent));
        if (sent % 10 == 9) {
          item.mutable_classify();  // No labels.
        } else if (front) {
          *item.mutable_classify() = ClassifyFile(Photo(sent), {"document", "photo"});
        } else {
          item.mutable_classify()->set_text("number " + std::to_string(sent));
          for (const char* label : {"document", "photo"})
            item.mutable_classify()->add_labels(label);
        }
        ASSERT_TRUE(stream->Write(item));
      }
      ASSERT_TRUE(stream->Read(&response)) << FromGrpcStatus(stream->Finish());
      ++answered;
      if (response.has_error()) {
        ++failed;
        EXPECT_EQ(std::stoi(response.id()) % 10, 9) << response.error().message();
      } else {
        EXPECT_EQ(response.classify().label(), "photo");
        EXPECT_EQ(response.classify().images_size(), front ? 1 : 0);
      }
    }
    stream->WritesDone();
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_TRUE(stream->Finish().ok());
    EXPECT_EQ(failed, 6);
  }
}

}  // namespace
}  // namespace tessera::testing
