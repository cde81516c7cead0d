// SPDX-License-Identifier: Apache-2.0
//
// Everything that an answer can be besides a text: JSON that is checked, tools, thinking,
// probabilities, labels, vectors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/inference/recorded_piece.h"
#include "tests/services/inference/call/served_door.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using testing::FakeChat;
using ::testing::HasSubstr;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;

constexpr char kPerson[] =
    R"({"type":"object","properties":{"age":{"type":"integer"}},"required":["age"]})";

class AnswerFormsTest : public ServedDoor {
 protected:
  static v1::GenerateRequest AskForPerson(bool repair = false) {
    v1::GenerateRequest request = Ask("Who?");
    request.mutable_response_format()->set_json_schema(kPerson);
    request.mutable_response_format()->set_repair(repair);
    return request;
  }

  static v1::GenerateRequest AskWithTool() {
    v1::GenerateRequest request = Ask("Weather?");
    v1::Tool& tool = *request.add_tools();
    tool.set_name("weather");
    tool.set_parameters_schema_json(
        R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})");
    return request;
  }

  void CallTool(const std::string& name, const std::string& arguments) {
    engine_.on_chat = [=](FakeChat& chat) {
      const std::vector<ChatToolCall> calls = {
          {.name = name, .arguments_json = arguments, .id = "c-1"}};
      const absl::Status status = chat.Piece({.tool_calls = calls});
      chat.End(status.ok() ? absl::StatusOr<ChatOutcome>(ChatOutcome{}) : status);
    };
  }

  std::vector<v1::StreamGenerateResponse> Stream(const v1::GenerateRequest& request,
                                                 absl::Status& end) {
    auto context = Soon();
    auto stream = stub_->StreamGenerate(context.get());
    v1::StreamGenerateRequest part;
    *part.mutable_start() = request;
    stream->Write(part);
    stream->WritesDone();
    std::vector<v1::StreamGenerateResponse> events;
    v1::StreamGenerateResponse event;
    while (stream->Read(&event)) events.push_back(event);
    end = FromGrpcStatus(stream->Finish());
    return events;
  }

  std::optional<double> Checks(const std::string& result) {
    return Count("answer_checks_total", {{"result", result}});
  }
};

TEST_F(AnswerFormsTest, AnAnswerOfTheSchemaPasses) {
  AnswerOneAfterTheOther({R"({"age": 7})"});
  const auto response = Generate(AskForPerson());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->text(), R"({"age": 7})");
  EXPECT_FALSE(response->completion().repaired());
  EXPECT_EQ(engine_.chats()[0]->format_json(), kPerson);
}

TEST_F(AnswerFormsTest, AnAnswerOfAnotherFormIsNoSuccess) {
  for (const char* answer : {R"({"age": "seven"})", R"({"age": 7)", "seven", "{}"}) {
    AnswerOneAfterTheOther({answer});
    EXPECT_THAT(Generate(AskForPerson()), IsError(StatusCode::kInternal, "ANSWER_NOT_CONFORMING"))
        << answer;
  }
  v1::GenerateRequest any = Ask("Anything?");
  any.mutable_response_format()->set_json(true);
  AnswerOneAfterTheOther({"[1, 2"});
  EXPECT_THAT(Generate(any), IsError(StatusCode::kInternal, "ANSWER_NOT_CONFORMING"));
  AnswerOneAfterTheOther({"[1, 2]"});
  EXPECT_THAT(Generate(any), IsOk());
}

TEST_F(AnswerFormsTest, AFaultIsMendedOnceWhereThatIsWanted) {
  AnswerOneAfterTheOther({R"({"age": "seven"})", R"({"age": 7})"});
  const auto response = Generate(AskForPerson(/*repair=*/true));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->text(), R"({"age": 7})");
  EXPECT_TRUE(response->completion().repaired());
  EXPECT_EQ(response->completion().usage().prompt_tokens(), 20) << "both count";
  EXPECT_EQ(response->completion().usage().output_tokens(), 6);
  ASSERT_EQ(engine_.chats().size(), 2);
  const std::vector<std::string>& texts = engine_.chats()[1]->texts();
  ASSERT_EQ(texts.size(), 3);
  EXPECT_EQ(texts[1], R"({"age": "seven"})");
  EXPECT_THAT(texts[2], HasSubstr("age"));
}

TEST_F(AnswerFormsTest, AModelThatCannotMendItsFaultIsNotAskedAThirdTime) {
  AnswerOneAfterTheOther({R"({"age": "seven"})"});
  EXPECT_THAT(Generate(AskForPerson(/*repair=*/true)),
              IsError(StatusCode::kInternal, "ANSWER_NOT_CONFORMING"));
  EXPECT_EQ(engine_.chats().size(), 2);
}

TEST_F(AnswerFormsTest, AStreamTellsWhatIsWrongAtItsEnd) {
  AnswerOneAfterTheOther({R"({"age": "seven"})"});
  absl::Status end;
  const auto events = Stream(AskForPerson(/*repair=*/true), end);
  EXPECT_THAT(end, IsError(StatusCode::kInternal, "ANSWER_NOT_CONFORMING"));
  EXPECT_LE(events.size(), 2) << "started, text";
  EXPECT_EQ(engine_.chats().size(), 1) << "what was told cannot be mended";
}

TEST_F(AnswerFormsTest, RefusesSchemasThatAreNone) {
  for (const char* schema : {"{", "7", R"({"type": "nothing"})"}) {
    v1::GenerateRequest request = Ask("Who?");
    request.mutable_response_format()->set_json_schema(schema);
    EXPECT_THAT(Generate(request), IsError(StatusCode::kInvalidArgument, "SCHEMA_INVALID"))
        << schema;
  }
  EXPECT_TRUE(engine_.chats().empty());
}

TEST_F(AnswerFormsTest, TellsTheToolsThatTheModelCalls) {
  CallTool("weather", R"({"city":"Ulm"})");
  const auto response = Generate(AskWithTool());
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->tool_calls_size(), 1);
  EXPECT_EQ(response->tool_calls(0).name(), "weather");
  EXPECT_EQ(response->tool_calls(0).arguments_json(), R"({"city":"Ulm"})");
  EXPECT_EQ(response->tool_calls(0).id(), "c-1");
  EXPECT_EQ(response->completion().finish_reason(), v1::FINISH_REASON_TOOL_CALLS);
  EXPECT_THAT(engine_.chats()[0]->body(), HasSubstr(R"("name":"weather")"));
}

TEST_F(AnswerFormsTest, AToolThatIsCalledWronglyIsTheModelsFault) {
  for (const auto& [name, arguments] : std::vector<std::pair<std::string, std::string>>{
           {"weather", R"({"city":7})"}, {"weather", "{}"}, {"time", "{}"}}) {
    CallTool(name, arguments);
    EXPECT_THAT(Generate(AskWithTool()), IsError(StatusCode::kInternal, "ANSWER_NOT_CONFORMING"))
        << name << arguments;
  }
}

TEST_F(AnswerFormsTest, AConversationWithToolsAndThoughtsReachesTheEngine) {
  v1::GenerateRequest request = AskWithTool();
  v1::Message& call = *request.add_messages();
  call.set_role(v1::ROLE_ASSISTANT);
  call.set_thinking("I need the weather.");
  call.add_tool_calls()->set_name("weather");
  call.mutable_tool_calls(0)->set_arguments_json(R"({"city":"Ulm"})");
  v1::Message& result = *request.add_messages();
  result.set_role(v1::ROLE_TOOL);
  result.set_tool_name("weather");
  result.set_text("rain");
  AnswerOneAfterTheOther({"It rains."});
  ASSERT_THAT(Generate(request), IsOk());
  const std::string& body = engine_.chats()[0]->body();
  for (const char* part : {"I need the weather.", R"("role":"tool")", "rain"}) {
    EXPECT_THAT(body, HasSubstr(part));
  }
}

TEST_F(AnswerFormsTest, ThoughtsAndProbabilitiesComeApartFromTheText) {
  v1::GenerateRequest request = Ask("Why?");
  request.set_thinking(v1::THINKING_ON);
  request.set_top_logprobs(1);
  engine_.on_chat = [](FakeChat& chat) {
    EXPECT_THAT(chat.Piece({.thinking = "Hm."}), IsOk());
    const std::vector<TokenLogprob> tokens = {
        {.token = "So", .logprob = -0.5, .top = {{.token = "Thus", .logprob = -1}}}};
    EXPECT_THAT(chat.Piece("So", tokens), IsOk());
    chat.End(ChatOutcome{});
  };
  const auto response = Generate(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->thinking(), "Hm.");
  EXPECT_EQ(response->text(), "So");
  ASSERT_EQ(response->logprobs_size(), 1);
  EXPECT_EQ(response->logprobs(0).token(), "So");
  EXPECT_EQ(response->logprobs(0).top(0).token(), "Thus");
  absl::Status end;
  const auto events = Stream(request, end);
  EXPECT_THAT(end, IsOk());
  ASSERT_EQ(events.size(), 4);
  EXPECT_EQ(events[1].thinking().text(), "Hm.");
  EXPECT_EQ(events[2].text().logprobs(0).logprob(), -0.5);
}

TEST_F(AnswerFormsTest, AModelThatLacksWhatIsAskedForIsNotAsked) {
  v1::GenerateRequest with_tool = AskWithTool(), thinking = Ask("Why?");
  thinking.set_thinking(v1::THINKING_HIGH);
  v1::EmbedRequest vectors = AskForVectors({"a"});
  for (auto* request : {&with_tool, &thinking}) {
    request->set_model("plain");
    EXPECT_THAT(Generate(*request),
                IsError(StatusCode::kFailedPrecondition, "MODEL_LACKS_CAPABILITY"));
  }
  vectors.set_model("plain");
  EXPECT_THAT(Embed(vectors), IsError(StatusCode::kFailedPrecondition, "MODEL_LACKS_CAPABILITY"));
  EXPECT_TRUE(engine_.chats().empty());
}

TEST_F(AnswerFormsTest, OptionsOfTheLoadedModelAreTheOperators) {
  v1::GenerateRequest request = Ask("hello");
  request.mutable_runtime()->set_num_ctx(8192);
  EXPECT_THAT(Generate(request), IsError(StatusCode::kFailedPrecondition, "RUNTIME_OPTIONS_FIXED"));
  context_.defaults.allow_runtime_options = true;
  AnswerOneAfterTheOther({"yes"});
  ASSERT_THAT(Generate(request), IsOk());
  EXPECT_THAT(engine_.chats()[0]->body(), HasSubstr(R"("num_ctx":8192)"));
}

TEST_F(AnswerFormsTest, SeveralLabelsMayFit) {
  v1::ClassifyRequest request = AskForLabel();
  request.set_max_labels(2);
  for (const char* text : {"a pet that purrs", "", "has feathers"}) {
    request.add_label_descriptions(text);
  }
  engine_.on_chat = [](FakeChat& chat) {
    EXPECT_THAT(chat.texts()[0], HasSubstr("a pet that purrs"));
    EXPECT_THAT(chat.Piece(R"({"labels":[")", {{R"({"labels":[")", -9}}), IsOk());
    EXPECT_THAT(chat.Piece("dog", {{"dog", 0}}), IsOk());
    EXPECT_THAT(chat.Piece(R"(",")", {{R"(",")", -9}}), IsOk());
    EXPECT_THAT(chat.Piece("bird", {{"bird", -1}}), IsOk());
    EXPECT_THAT(chat.Piece(R"("]})", {{R"("]})", -9}}), IsOk());
    chat.End(ChatOutcome{});
  };
  const auto response = Classify(request);
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->labels_size(), 2);
  EXPECT_EQ(response->label(), "dog");
  EXPECT_EQ(response->confidence(), 1);
  EXPECT_EQ(response->labels(1).label(), "bird");
  EXPECT_NEAR(response->labels(1).confidence(), 0.3679, 1e-4);
}

TEST_F(AnswerFormsTest, NoLabelMayFitWhereTheCallerAllowsThat) {
  v1::ClassifyRequest request = AskForLabel();
  request.set_allow_none(true);
  AnswerOneAfterTheOther({R"({"label":"none of these"})"});
  const auto response = Classify(request);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->label(), "");
  EXPECT_EQ(response->labels_size(), 0);
  request.set_allow_none(false);
  EXPECT_THAT(Classify(request), IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"));
}

TEST_F(AnswerFormsTest, AClassificationIsKnownTheSecondTime) {
  AnswerOneAfterTheOther({R"({"label":"dog"})"});
  ASSERT_THAT(Classify(AskForLabel()), IsOk());
  const auto again = Classify(AskForLabel());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->label(), "dog");
  EXPECT_EQ(again->completion().source(), v1::ANSWER_SOURCE_CACHE);
  EXPECT_EQ(engine_.chats().size(), 1);
}

TEST_F(AnswerFormsTest, AnAnswerThatMayDifferIsNotKeptUnlessAskedFor) {
  AnswerOneAfterTheOther({"one", "two"});
  ASSERT_THAT(Generate(Ask("hello")), IsOk());
  EXPECT_EQ(Generate(Ask("hello"))->text(), "two");
  v1::GenerateRequest use = Ask("hello");
  use.set_cache_policy(v1::CACHE_POLICY_USE);
  EXPECT_EQ(Generate(use)->text(), "one");
  EXPECT_EQ(Generate(use)->text(), "one");
  v1::GenerateRequest greedy = Ask("hello");
  greedy.mutable_sampling()->set_temperature(0);
  EXPECT_EQ(Generate(greedy)->text(), "two");
  EXPECT_EQ(Generate(greedy)->text(), "two");
}

TEST_F(AnswerFormsTest, AStreamIsAnsweredFromTheCacheToo) {
  v1::GenerateRequest request = Ask("hello");
  request.mutable_sampling()->set_temperature(0);
  AnswerOneAfterTheOther({"good day"});
  ASSERT_THAT(Generate(request), IsOk());
  absl::Status end;
  const auto events = Stream(request, end);
  EXPECT_THAT(end, IsOk());
  ASSERT_EQ(events.size(), 3);
  EXPECT_EQ(events[1].text().text(), "good day");
  EXPECT_EQ(events[2].finished().source(), v1::ANSWER_SOURCE_CACHE);
}

TEST_F(AnswerFormsTest, TurnsTextsIntoVectors) {
  engine_.on_chat = [](FakeChat& chat) {
    const std::vector<std::vector<float>> vectors = {{0.6F, 0.8F}, {1, 0}};
    EXPECT_THAT(chat.Piece({.embeddings = vectors}), IsOk());
    chat.End(ChatOutcome{.prompt_tokens = 4});
  };
  const auto response = Embed(AskForVectors({"a", "b"}));
  ASSERT_THAT(response, IsOk());
  ASSERT_EQ(response->embeddings_size(), 2);
  EXPECT_THAT(response->embeddings(0).values(), ElementsAre(0.6F, 0.8F));
  EXPECT_EQ(response->completion().usage().prompt_tokens(), 4);
  EXPECT_EQ(Embed(AskForVectors({"a", "b"}))->completion().source(), v1::ANSWER_SOURCE_CACHE);
  EXPECT_THAT(Embed(AskForVectors({"a", "b", "c"})),
              IsError(StatusCode::kInternal, "ENGINE_REPLY_INVALID"));
}

TEST_F(AnswerFormsTest, RefusesTextsThatCannotBecomeVectors) {
  EXPECT_THAT(Embed(AskForVectors({})), IsInvalidField("texts"));
  EXPECT_THAT(Embed(AskForVectors({"a", ""})), IsInvalidField("texts[1]"));
  EXPECT_THAT(Embed(AskForVectors(std::vector<std::string>(513, "a"))), IsInvalidField("texts"));
  v1::EmbedRequest request = AskForVectors({"a"});
  request.set_dimensions(0);
  EXPECT_THAT(Embed(request), IsInvalidField("dimensions"));
  request = AskForVectors({"a"});
  request.clear_model();
  EXPECT_THAT(Embed(request), IsInvalidField("model"));
}

}  // namespace
}  // namespace tessera::inference
