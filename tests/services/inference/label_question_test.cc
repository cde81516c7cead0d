// SPDX-License-Identifier: Apache-2.0
#include "services/inference/label_question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using nlohmann::json;
using ::testing::HasSubstr;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;
using Tokens = std::vector<std::pair<std::string, double>>;

v1::ClassifyRequest Of(const std::vector<std::string>& labels) {
  v1::ClassifyRequest request;
  request.mutable_labels()->Assign(labels.begin(), labels.end());
  return request;
}

v1::ClassifyRequest Several(const std::vector<std::string>& labels, uint32_t max, bool none) {
  v1::ClassifyRequest request = Of(labels);
  request.set_max_labels(max);
  request.set_allow_none(none);
  return request;
}

std::string LabelOf(const LabelAnswer& answer) {
  EXPECT_EQ(answer.labels.size(), 1);
  return answer.labels.empty() ? "" : answer.labels[0].label;
}

std::vector<std::string> LabelsOf(const LabelAnswer& answer) {
  std::vector<std::string> labels;
  for (const ScoredLabel& label : answer.labels) labels.push_back(label.label);
  return labels;
}

// What JSON, a prompt or a schema could stumble over.
const std::vector<std::string>& OddLabels() {
  static const auto* const labels = new std::vector<std::string>{
      "with \"quotes\"",   "two\nlines", "back\\slash", "tab\t", "世界", "naïve",      "😀",
      "{\"label\":\"x\"}", "a, b",       "label",       "</s>",  "\x01", "nul\\u0000", " "};
  return *labels;
}

TEST(CheckLabelsTest, TakesOneToAThousandDifferentLabels) {
  EXPECT_THAT(CheckLabels(Of({"cat"})), IsOk());
  EXPECT_THAT(CheckLabels(Of(OddLabels())), IsOk());
  EXPECT_THAT(CheckLabels(Of({"cat", "Cat", " cat", "cat "})), IsOk());
  std::vector<std::string> many;
  for (int i = 0; i < 1'000; ++i) many.push_back(std::to_string(i));
  EXPECT_THAT(CheckLabels(Of(many)), IsOk());
}

TEST(CheckLabelsTest, RefusesNoneTooManyAndDoubles) {
  EXPECT_THAT(CheckLabels(Of({})), IsError(StatusCode::kInvalidArgument, "LABELS_EMPTY"));
  EXPECT_THAT(CheckLabels(Of({"cat", "dog", "cat"})),
              IsError(StatusCode::kInvalidArgument, "LABELS_DUPLICATE"));
  for (const int count : {1'001, 10'000}) {
    std::vector<std::string> many;
    for (int i = 0; i < count; ++i) many.push_back(std::to_string(i));
    EXPECT_THAT(CheckLabels(Of(many)), IsError(StatusCode::kInvalidArgument, "LABELS_TOO_MANY"));
  }
}

TEST(CheckLabelsTest, NamesTheLabelThatIsTooShortOrTooLong) {
  EXPECT_THAT(CheckLabels(Of({"cat", ""})), IsInvalidField("labels[1]"));
  EXPECT_THAT(CheckLabels(Of({std::string(200, 'x')})), IsOk());
  EXPECT_THAT(CheckLabels(Of({std::string(201, 'x')})), IsInvalidField("labels[0]"));
}

v1::ClassifyRequest Request(int images, const std::string& text) {
  v1::ClassifyRequest request;
  for (int i = 0; i < images; ++i) request.add_images();
  request.set_text(text);
  request.add_labels("cat");
  request.add_labels("dog");
  return request;
}

TEST(LabelQuestionTest, AsksAboutWhatThereIs) {
  for (const auto& [request, part] : std::vector<std::pair<v1::ClassifyRequest, std::string>>{
           {Request(0, "It barks."), "It barks."},
           {Request(1, ""), "picture"},
           {Request(2, "Which animal is it?"), "Which animal is it?"}}) {
    const std::string question = LabelQuestion(request);
    EXPECT_THAT(question, HasSubstr(part));
    EXPECT_THAT(question, HasSubstr("cat, dog"));
    EXPECT_THAT(question, HasSubstr("JSON"));
  }
}

TEST(LabelSchemaTest, LeavesNoOtherAnswerThanALabel) {
  EXPECT_EQ(json::parse(LabelSchema(Of({"cat", "dog"}))), json::parse(R"({
      "type": "object",
      "properties": {"label": {"type": "string", "enum": ["cat", "dog"]}},
      "required": ["label"]})"));
}

TEST(LabelSchemaTest, HoldsAnyLabelLetterByLetter) {
  const json schema = json::parse(LabelSchema(Of(OddLabels())));
  EXPECT_EQ(schema["properties"]["label"]["enum"], json(OddLabels()));
}

TEST(MaxAnswerTokensTest, IsEnoughForTheLongestLabelWithEveryByteEscaped) {
  EXPECT_GE(MaxAnswerTokens(Of({"a"})), 16);
  const std::string longest(200, '\x01');
  const std::string answer = json{{"label", longest}}.dump(-1, ' ', true);
  EXPECT_GE(MaxAnswerTokens(Of({"a", longest})), answer.size());
}

TEST(ReadLabelAnswerTest, ReadsEachLabelHoweverItIsWritten) {
  const v1::ClassifyRequest labels = Of(OddLabels());
  for (const std::string& label : OddLabels()) {
    for (const bool ascii : {false, true}) {
      const std::string answer = json{{"label", label}}.dump(2, ' ', ascii) + "\n";
      const auto read = ReadLabelAnswer(answer, labels, {});
      ASSERT_THAT(read, IsOk()) << answer;
      EXPECT_EQ(LabelOf(*read), label);
      EXPECT_EQ(read->confidence, std::nullopt);
    }
  }
}

TEST(ReadLabelAnswerTest, RefusesWhatIsNotOneOfTheLabels) {
  const v1::ClassifyRequest labels = Of({"cat", "dog"});
  for (const std::string answer :
       {"", "cat", "\"cat\"", R"({"label":"Cat"})", R"({"label":"cat )", R"({"label":7})",
        R"({"label":["cat"]})", R"({"answer":"cat"})", "[]", "null", R"({"label":"cat"} and more)",
        R"({"label":"\ud83d"})", "{\"label\":\"\xFF\"}"}) {
    EXPECT_THAT(ReadLabelAnswer(answer, labels, {}),
                IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"))
        << answer;
  }
}

TEST(ReadLabelAnswerTest, ShowsLittleOfABadAnswer) {
  const auto read = ReadLabelAnswer(std::string(100'000, '\xE4'), Of({"cat"}), {});
  EXPECT_THAT(read, IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"));
  EXPECT_LT(read.status().message().size(), 1'100);
}

double ConfidenceOf(const Tokens& tokens, const std::string& label) {
  std::string answer;
  for (const auto& [text, logprob] : tokens) answer += text;
  const auto read = ReadLabelAnswer(answer, Of({label, "another"}), tokens);
  EXPECT_THAT(read, IsOk()) << answer;
  EXPECT_EQ(LabelOf(*read), label);
  return read->confidence.value_or(-1);
}

TEST(ConfidenceTest, IsTheProductOverTheTokensThatSpellTheLabel) {
  EXPECT_NEAR(ConfidenceOf({{"{\"", -9},
                            {"label", -9},
                            {"\":", -9},
                            {" \"", -9},
                            {"do", -0.5},
                            {"g", -0.25},
                            {"\"}", -9}},
                           "dog"),
              std::exp(-0.75), 1e-9);
}

TEST(ConfidenceTest, CountsATokenThatHoldsMoreThanALetterOfTheLabel) {
  EXPECT_NEAR(
      ConfidenceOf({{"{\"label\":", -9}, {" \"do", -0.5}, {"g\"", -0.25}, {"}", -9}}, "dog"),
      std::exp(-0.75), 1e-9);
}

TEST(ConfidenceTest, TakesTheValueNotTheKey) {
  EXPECT_NEAR(
      ConfidenceOf({{"{\"", -9}, {"label", -9}, {"\":\"", -9}, {"label", -0.5}, {"\"}", -9}},
                   "label"),
      std::exp(-0.5), 1e-9);
}

TEST(ConfidenceTest, FindsLabelsThatJsonEscapes) {
  EXPECT_NEAR(
      ConfidenceOf(
          {{"{\"label\":\"", -9}, {"a", -0.25}, {"\\n", -0.25}, {"\\\"b", -0.5}, {"\"}", -9}},
          "a\n\"b"),
      std::exp(-1), 1e-9);
}

TEST(ConfidenceTest, IsWithinItsRange) {
  EXPECT_EQ(ConfidenceOf({{"{\"label\":\"", 0}, {"dog", 0}, {"\"}", 0}}, "dog"), 1);
  EXPECT_EQ(ConfidenceOf({{"{\"label\":\"", 0}, {"dog", 0.005}, {"\"}", 0}}, "dog"), 1);
  const double tiny = ConfidenceOf({{"{\"label\":\"", 0}, {"dog", -5'000}, {"\"}", 0}}, "dog");
  EXPECT_GT(tiny, 0);
  EXPECT_LT(tiny, 1e-9);
}

TEST(ConfidenceTest, DoesNotMindWhatTheEngineTrimmed) {
  const Tokens tokens = {
      {"  \n", -9}, {"{\"label\":\"", -9}, {"dog", -0.5}, {"\"}", -9}, {"<e>", -9}};
  const auto read = ReadLabelAnswer(R"({"label":"dog"})", Of({"dog"}), tokens);
  ASSERT_THAT(read, IsOk());
  EXPECT_NEAR(*read->confidence, std::exp(-0.5), 1e-9);
}

TEST(ConfidenceTest, IsUnknownWhenTheTokensDoNotSpellTheLabel) {
  const v1::ClassifyRequest labels = Of({"世界", "dog"});
  for (const Tokens& tokens :
       std::vector<Tokens>{{},
                           {{"{\"label\":\"", -1}},
                           {{"{\"label\":\"", -1}, {"\uFFFD", -1}, {"\uFFFD", -1}, {"界\"}", -1}},
                           {{"{\"label\":\"", -1}, {"dog\"}", -1}}}) {
    const auto read = ReadLabelAnswer("{\"label\":\"世界\"}", labels, tokens);
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->confidence, std::nullopt);
  }
}

TEST(ConfidenceTest, IsUnknownWhenALogarithmIsImpossible) {
  const std::string answer = R"({"label":"dog"})";
  for (const double logprob :
       {0.5, std::nan(""), static_cast<double>(INFINITY), -static_cast<double>(INFINITY)}) {
    const auto read =
        ReadLabelAnswer(answer, Of({"dog"}), {{"{\"label\":\"", 0}, {"dog", logprob}, {"\"}", 0}});
    ASSERT_THAT(read, IsOk());
    EXPECT_EQ(read->confidence, std::nullopt) << logprob;
  }
}

TEST(SeveralLabelsTest, RefusesWhatCannotBeMeant) {
  EXPECT_THAT(CheckLabels(Several({"a"}, 0, false)), IsInvalidField("max_labels"));
  EXPECT_THAT(CheckLabels(Several({"a"}, 17, false)), IsInvalidField("max_labels"));
  EXPECT_THAT(CheckLabels(Several({"a"}, 16, false)), IsOk());
  v1::ClassifyRequest request = Of({"a", "b"});
  request.add_label_descriptions("first");
  EXPECT_THAT(CheckLabels(request), IsInvalidField("label_descriptions"));
  request.add_label_descriptions("");
  EXPECT_THAT(CheckLabels(request), IsOk());
  request.set_label_descriptions(1, std::string(1'025, 'x'));
  EXPECT_THAT(CheckLabels(request), IsInvalidField("label_descriptions[1]"));
}

TEST(SeveralLabelsTest, TellsTheModelWhatItMaySay) {
  v1::ClassifyRequest request = Request(1, "");
  EXPECT_EQ(LabelQuestion(request),
            "What kind of picture is this? Options: cat, dog. Answer as JSON.");
  request.set_allow_none(true);
  EXPECT_THAT(LabelQuestion(request), HasSubstr("Options: cat, dog, none of these."));
  request.add_label_descriptions("meows");
  request.add_label_descriptions("");
  EXPECT_THAT(LabelQuestion(request), HasSubstr("\n- cat: meows\n- dog\n- none of these\n"));
  request.set_max_labels(5);
  EXPECT_THAT(LabelQuestion(request), HasSubstr("at most 2, or none."));
  EXPECT_EQ(json::parse(LabelSchema(request)), json::parse(R"({
      "type": "object",
      "properties": {"labels": {"type": "array", "minItems": 0, "maxItems": 2,
                                "items": {"type": "string", "enum": ["cat", "dog"]}}},
      "required": ["labels"]})"));
  EXPECT_GE(MaxAnswerTokens(request), std::string(R"({"labels":["cat","dog"]})").size());
}

TEST(SeveralLabelsTest, ReadsSeveralEachOnceWithItsOwnConfidence) {
  const v1::ClassifyRequest request = Several({"cat", "dog", "labels"}, 3, false);
  const Tokens tokens = {{"{\"labels\":[\"", -9}, {"dog", -0.5}, {"\",\"", -9}, {"labels", -0.25},
                         {"\",\"", -9},           {"dog", -1},   {"\"]}", -9}};
  const auto read = ReadLabelAnswer(R"({"labels":["dog","labels","dog"]})", request, tokens);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(LabelsOf(*read), std::vector<std::string>({"dog", "labels"}));
  EXPECT_NEAR(*read->labels[0].confidence, std::exp(-0.5), 1e-9);
  EXPECT_NEAR(*read->labels[1].confidence, std::exp(-0.25), 1e-9);
  EXPECT_EQ(read->confidence, read->labels[0].confidence);
}

TEST(SeveralLabelsTest, NoneIsAnAnswerWhereItIsAllowed) {
  const auto one =
      ReadLabelAnswer(R"({"label":"none of these"})", Several({"cat"}, 1, true),
                      {{"{\"label\":\"", -9}, {"none of", -0.25}, {" these", -0.25}, {"\"}", -9}});
  ASSERT_THAT(one, IsOk());
  EXPECT_TRUE(one->labels.empty());
  EXPECT_NEAR(*one->confidence, std::exp(-0.5), 1e-9);
  const auto several = ReadLabelAnswer(R"({"labels":[]})", Several({"cat", "dog"}, 2, true),
                                       {{"{\"labels\":[", -9}, {"]", -0.5}, {"}", -9}});
  ASSERT_THAT(several, IsOk());
  EXPECT_TRUE(several->labels.empty());
  EXPECT_NEAR(*several->confidence, std::exp(-0.5), 1e-9);
  EXPECT_THAT(ReadLabelAnswer(R"({"label":"none of these"})", Several({"cat"}, 1, false), {}),
              IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"));
  EXPECT_THAT(ReadLabelAnswer(R"({"labels":[]})", Several({"cat", "dog"}, 2, false), {}),
              IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"));
}

TEST(SeveralLabelsTest, ALabelMayBeCalledNoneOfThese) {
  const v1::ClassifyRequest request = Several({"none of these", "dog"}, 1, true);
  const auto read = ReadLabelAnswer(R"({"label":"none of these"})", request, {});
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(LabelOf(*read), "none of these");
  const auto none = ReadLabelAnswer(R"({"label":"none of these!"})", request, {});
  ASSERT_THAT(none, IsOk());
  EXPECT_TRUE(none->labels.empty());
}

TEST(SeveralLabelsTest, RefusesMoreThanWereAllowed) {
  EXPECT_THAT(
      ReadLabelAnswer(R"({"labels":["a","b","c"]})", Several({"a", "b", "c"}, 2, false), {}),
      IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"));
  EXPECT_THAT(ReadLabelAnswer(R"({"labels":["a","x"]})", Several({"a", "b"}, 2, false), {}),
              IsError(StatusCode::kInternal, "CLASSIFICATION_INVALID"));
}

}  // namespace
}  // namespace tessera::inference
