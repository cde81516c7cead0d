// SPDX-License-Identifier: Apache-2.0
#include "services/inference/chat_request_check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "services/inference/label_question.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;

const RequestDefaults kDefaults;

v1::GenerateRequest Hello() {
  v1::GenerateRequest request;
  v1::Message& message = *request.add_messages();
  message.set_role(v1::ROLE_USER);
  message.set_text("hello");
  return request;
}

image::v1::Image Prepared(const std::string& data = "jpeg") {
  image::v1::Image image;
  image.mutable_prepared()->set_data(data);
  return image;
}

image::v1::Image Promised(const std::string& id) {
  image::v1::Image image;
  image.set_stream_id(id);
  return image;
}

absl::StatusOr<CheckedChat> Check(const v1::GenerateRequest& request,
                                  const StreamedImages& streamed = {}) {
  return CheckGenerateRequest(request, streamed, kDefaults);
}

using Change = std::function<void(v1::GenerateRequest&)>;

absl::StatusOr<CheckedChat> CheckChanged(const Change& change) {
  v1::GenerateRequest request = Hello();
  change(request);
  auto checked = Check(request);
  // Views into `request` end here; nobody looks at them.
  if (checked.ok()) checked->chat = {};
  return checked;
}

TEST(CheckGenerateRequestTest, FillsInDefaults) {
  const v1::GenerateRequest request = Hello();
  const auto checked = Check(request);
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(checked->chat.model, "llama3.2-custom");
  EXPECT_EQ(checked->chat.sampling.max_output_tokens, 4096);
  EXPECT_EQ(checked->chat.sampling.temperature, std::nullopt);
  EXPECT_EQ(checked->chat.keep_alive, absl::Minutes(30));
  EXPECT_EQ(checked->chat.format_json, "");
  EXPECT_FALSE(checked->chat.logprobs);
  EXPECT_EQ(checked->bytes, 5);
}

TEST(CheckGenerateRequestTest, TakesTheVisionModelWhenThereIsAPicture) {
  v1::GenerateRequest request = Hello();
  *request.mutable_messages(0)->add_images() = Prepared("12345");
  const auto checked = Check(request);
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(checked->chat.model, "qwen3-vl:4b");
  EXPECT_EQ(checked->bytes, 10);
  ASSERT_EQ(checked->images.size(), 1);
  EXPECT_EQ(checked->chat.messages[0].images[0], "12345");
}

TEST(CheckGenerateRequestTest, PassesOnWhatWasAskedFor) {
  v1::GenerateRequest request;
  for (const auto& [role, text] : std::vector<std::pair<v1::Role, std::string>>{
           {v1::ROLE_SYSTEM, "be brief"}, {v1::ROLE_ASSISTANT, "yes?"}, {v1::ROLE_USER, "why?"}}) {
    request.add_messages()->set_role(role);
    request.mutable_messages(request.messages_size() - 1)->set_text(text);
  }
  request.set_model("mine:q8");
  v1::SamplingOptions& sampling = *request.mutable_sampling();
  sampling.set_max_output_tokens(9);
  sampling.set_temperature(0);
  sampling.set_top_k(3);
  sampling.set_top_p(0.5F);
  sampling.set_min_p(0.25F);
  sampling.set_repeat_penalty(1.5F);
  sampling.set_seed(7);
  sampling.add_stop("\n");
  request.mutable_keep_alive()->set_seconds(90);
  const auto checked = Check(request);
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(checked->chat.model, "mine:q8");
  ASSERT_EQ(checked->chat.messages.size(), 3);
  EXPECT_EQ(checked->chat.messages[0].role, ChatRole::kSystem);
  EXPECT_EQ(checked->chat.messages[1].role, ChatRole::kAssistant);
  EXPECT_EQ(checked->chat.messages[2].role, ChatRole::kUser);
  EXPECT_EQ(checked->chat.messages[2].text, "why?");
  EXPECT_EQ(checked->chat.sampling.max_output_tokens, 9);
  EXPECT_EQ(checked->chat.sampling.temperature, 0);
  EXPECT_EQ(checked->chat.sampling.top_k, 3);
  EXPECT_EQ(checked->chat.sampling.top_p, 0.5);
  EXPECT_EQ(checked->chat.sampling.min_p, 0.25);
  EXPECT_EQ(checked->chat.sampling.repeat_penalty, 1.5);
  EXPECT_EQ(checked->chat.sampling.seed, 7);
  EXPECT_EQ(checked->chat.sampling.stop, std::vector<std::string_view>({"\n"}));
  EXPECT_EQ(checked->chat.keep_alive, absl::Seconds(90));
}

TEST(CheckGenerateRequestTest, TakesEachRangesEnds) {
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  for (const Change& change : std::vector<Change>{
           [](auto& r) { r.set_model(std::string(256, 'm')); },
           [](auto& r) { r.set_model("host:1/name_space/model.x:tag-1@sha"); },
           [](auto& r) { r.mutable_sampling()->set_max_output_tokens(1); },
           [](auto& r) { r.mutable_sampling()->set_max_output_tokens(65536); },
           [](auto& r) { r.mutable_sampling()->set_temperature(0); },
           [](auto& r) { r.mutable_sampling()->set_temperature(2); },
           [](auto& r) { r.mutable_sampling()->set_top_k(1); },
           [](auto& r) { r.mutable_sampling()->set_top_k(100'000); },
           [](auto& r) { r.mutable_sampling()->set_top_p(kSmallest); },
           [](auto& r) { r.mutable_sampling()->set_top_p(1); },
           [](auto& r) { r.mutable_sampling()->set_min_p(0); },
           [](auto& r) { r.mutable_sampling()->set_min_p(1); },
           [](auto& r) { r.mutable_sampling()->set_repeat_penalty(kSmallest); },
           [](auto& r) { r.mutable_sampling()->set_repeat_penalty(2); },
           [](auto& r) { r.mutable_sampling()->set_seed(0); },
           [](auto& r) { r.mutable_sampling()->set_seed(2'147'483'647); },
           [](auto& r) {
             for (int i = 0; i < 16; ++i) r.mutable_sampling()->add_stop(std::string(256, 'x'));
           },
           [](auto& r) { r.mutable_keep_alive()->set_seconds(0); },
           [](auto& r) { r.mutable_keep_alive()->set_seconds(86'400); },
           [](auto& r) { r.mutable_messages(0)->set_text(std::string(1 << 20, 'x')); },
           [](auto& r) {
             while (r.messages_size() < 256) *r.add_messages() = r.messages(0);
           },
           [](auto& r) {
             r.mutable_messages(0)->clear_text();
             for (int i = 0; i < 16; ++i) *r.mutable_messages(0)->add_images() = Prepared();
           },
       }) {
    EXPECT_THAT(CheckChanged(change), IsOk());
  }
}

TEST(CheckGenerateRequestTest, NamesTheFieldThatIsOutsideItsRange) {
  struct Row {
    std::string field;
    Change change;
  };
  const float nan = std::nanf("");
  for (const Row& row : std::vector<Row>{
           {"model", [](auto& r) { r.set_model(std::string(257, 'm')); }},
           {"model", [](auto& r) { r.set_model("two words"); }},
           {"model", [](auto& r) { r.set_model("a\nb"); }},
           {"model", [](auto& r) { r.set_model("modèle"); }},
           {"model", [](auto& r) { r.set_model("gpt-oss:120b-cloud"); }},
           {"model", [](auto& r) { r.set_model("big:CLOUD"); }},
           {"messages", [](auto& r) { r.clear_messages(); }},
           {"messages",
            [](auto& r) {
              while (r.messages_size() < 257) *r.add_messages() = r.messages(0);
            }},
           {"messages", [](auto& r) { r.mutable_messages(0)->set_role(v1::ROLE_SYSTEM); }},
           {"messages[0].role", [](auto& r) { r.mutable_messages(0)->clear_role(); }},
           {"messages[0].role",
            [](auto& r) { r.mutable_messages(0)->set_role(static_cast<v1::Role>(9)); }},
           {"messages[0].text",
            [](auto& r) { r.mutable_messages(0)->set_text(std::string((1 << 20) + 1, 'x')); }},
           {"messages[0]", [](auto& r) { r.mutable_messages(0)->clear_text(); }},
           {"messages[0].images",
            [](auto& r) {
              r.mutable_messages(0)->set_role(v1::ROLE_SYSTEM);
              *r.mutable_messages(0)->add_images() = Prepared();
            }},
           {"messages[0].images",
            [](auto& r) {
              for (int i = 0; i < 17; ++i) *r.mutable_messages(0)->add_images() = Prepared();
            }},
           {"messages[0].images[0]", [](auto& r) { r.mutable_messages(0)->add_images(); }},
           {"messages[0].images[0]",
            [](auto& r) { *r.mutable_messages(0)->add_images() = Prepared(""); }},
           {"messages[0].images[0]",
            [](auto& r) {
              *r.mutable_messages(0)->add_images() = Prepared(std::string((16 << 20) + 1, 'x'));
            }},
           {"messages[0].images[0]",
            [](auto& r) { *r.mutable_messages(0)->add_images() = Promised("never"); }},
           {"sampling.max_output_tokens",
            [](auto& r) { r.mutable_sampling()->set_max_output_tokens(0); }},
           {"sampling.max_output_tokens",
            [](auto& r) { r.mutable_sampling()->set_max_output_tokens(65537); }},
           {"sampling.temperature", [](auto& r) { r.mutable_sampling()->set_temperature(-0.01F); }},
           {"sampling.temperature", [](auto& r) { r.mutable_sampling()->set_temperature(2.01F); }},
           {"sampling.temperature", [=](auto& r) { r.mutable_sampling()->set_temperature(nan); }},
           {"sampling.top_k", [](auto& r) { r.mutable_sampling()->set_top_k(0); }},
           {"sampling.top_k", [](auto& r) { r.mutable_sampling()->set_top_k(100'001); }},
           {"sampling.top_p", [](auto& r) { r.mutable_sampling()->set_top_p(0); }},
           {"sampling.top_p", [](auto& r) { r.mutable_sampling()->set_top_p(1.01F); }},
           {"sampling.top_p", [=](auto& r) { r.mutable_sampling()->set_top_p(nan); }},
           {"sampling.min_p", [](auto& r) { r.mutable_sampling()->set_min_p(-0.01F); }},
           {"sampling.min_p", [](auto& r) { r.mutable_sampling()->set_min_p(1.01F); }},
           {"sampling.min_p", [=](auto& r) { r.mutable_sampling()->set_min_p(nan); }},
           {"sampling.repeat_penalty",
            [](auto& r) { r.mutable_sampling()->set_repeat_penalty(0); }},
           {"sampling.repeat_penalty",
            [](auto& r) { r.mutable_sampling()->set_repeat_penalty(2.01F); }},
           {"sampling.repeat_penalty",
            [=](auto& r) { r.mutable_sampling()->set_repeat_penalty(nan); }},
           {"sampling.seed", [](auto& r) { r.mutable_sampling()->set_seed(2'147'483'648); }},
           {"sampling.stop",
            [](auto& r) {
              for (int i = 0; i < 17; ++i) r.mutable_sampling()->add_stop("x");
            }},
           {"sampling.stop", [](auto& r) { r.mutable_sampling()->add_stop(""); }},
           {"sampling.stop",
            [](auto& r) { r.mutable_sampling()->add_stop(std::string(257, 'x')); }},
           {"keep_alive", [](auto& r) { r.mutable_keep_alive()->set_seconds(-1); }},
           {"keep_alive", [](auto& r) { r.mutable_keep_alive()->set_nanos(-1); }},
           {"keep_alive", [](auto& r) { r.mutable_keep_alive()->set_seconds(86'401); }},
           {"keep_alive",
            [](auto& r) {
              r.mutable_keep_alive()->set_seconds(std::numeric_limits<int64_t>::max());
            }},
       }) {
    EXPECT_THAT(CheckChanged(row.change), IsInvalidField(row.field));
  }
}

TEST(CheckGenerateRequestTest, RefusesTheEnginesOwnPictureMarker) {
  for (const std::string marker : {"[img-0]", "[img]"}) {
    const auto checked =
        CheckChanged([&](auto& r) { r.mutable_messages(0)->set_text("look: " + marker); });
    EXPECT_THAT(checked, IsError(StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER"));
    EXPECT_EQ(MetadataOf(checked.status(), "marker"), marker);
    EXPECT_EQ(MetadataOf(checked.status(), "field"), "messages[0].text");
  }
}

TEST(CheckGenerateRequestTest, BoundsWhatItRepeatsOfAHostileMarkerOrId) {
  const auto marker = CheckChanged([](auto& r) {
    r.mutable_messages(0)->set_text("[img-" + std::string(1'000'000, '7') + "]");
  });
  EXPECT_THAT(marker, IsError(StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER"));
  EXPECT_LT(marker.status().ToString().size(), 4'000);
  const auto id = CheckChanged([](auto& r) {
    *r.mutable_messages(0)->add_images() = Promised(std::string(1'000'000, 'x'));
  });
  EXPECT_THAT(id, IsInvalidField("messages[0].images[0]"));
  EXPECT_LT(id.status().ToString().size(), 4'000);
}

TEST(CheckGenerateRequestTest, SendsPictureFilesToTheOtherDoor) {
  const auto checked =
      CheckChanged([](auto& r) { r.mutable_messages(0)->add_images()->set_content("file"); });
  EXPECT_THAT(checked, IsError(StatusCode::kInvalidArgument, "IMAGE_NOT_PREPARED"));
  EXPECT_EQ(MetadataOf(checked.status(), "field"), "messages[0].images[0]");
}

TEST(CheckGenerateRequestTest, FindsPicturesThatCameOnTheStream) {
  v1::GenerateRequest request = Hello();
  *request.mutable_messages(0)->add_images() = Promised("b");
  *request.mutable_messages(0)->add_images() = Prepared("whole");
  *request.mutable_messages(0)->add_images() = Promised("a");
  StreamedImages streamed;
  streamed["a"].set_data("picture a");
  streamed["b"].set_data("picture b");
  const auto checked = Check(request, streamed);
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(checked->chat.messages[0].images,
            std::vector<std::string_view>({"picture b", "whole", "picture a"}));
}

TEST(PromisedImagesTest, ListsThemInOrder) {
  v1::GenerateRequest request = Hello();
  *request.mutable_messages(0)->add_images() = Promised("b");
  *request.mutable_messages(0)->add_images() = Prepared();
  *request.add_messages()->add_images() = Promised("a");
  EXPECT_EQ(*PromisedImages(request), std::vector<std::string>({"b", "a"}));
  EXPECT_TRUE(PromisedImages(Hello())->empty());
}

TEST(PromisedImagesTest, RefusesBadRepeatedAndTooMany) {
  const auto with = [](const std::vector<std::string>& ids) {
    v1::GenerateRequest request = Hello();
    for (const std::string& id : ids) {
      *request.mutable_messages(0)->add_images() = Promised(id);
    }
    return PromisedImages(request);
  };
  EXPECT_THAT(with({std::string(64, 'x')}), IsOk());
  EXPECT_THAT(with({""}), IsInvalidField("stream_id"));
  EXPECT_THAT(with({std::string(65, 'x')}), IsInvalidField("stream_id"));
  EXPECT_THAT(with({"a", "b", "a"}), IsInvalidField("stream_id"));
  std::vector<std::string> many;
  for (int i = 0; i < 17; ++i) many.push_back(std::to_string(i));
  EXPECT_THAT(with(many), IsInvalidField("messages"));
}

v1::ClassifyRequest ClassifyText() {
  v1::ClassifyRequest request;
  request.set_text("It barks.");
  request.add_labels("cat");
  request.add_labels("dog");
  return request;
}

TEST(CheckClassifyRequestTest, AsksForALabelGreedilyInJson) {
  const v1::ClassifyRequest request = ClassifyText();
  const auto checked = CheckClassifyRequest(request, kDefaults);
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(checked->chat.model, "llama3.2-custom");
  EXPECT_EQ(checked->chat.sampling.temperature, 0);
  EXPECT_GT(*checked->chat.sampling.max_output_tokens, 8);
  EXPECT_NE(checked->chat.format_json, "");
  ASSERT_EQ(checked->chat.messages.size(), 1);
  EXPECT_EQ(checked->chat.messages[0].text, LabelQuestion(request));
  EXPECT_EQ(checked->bytes, LabelQuestion(request).size());
}

TEST(CheckClassifyRequestTest, TakesPicturesWithoutAText) {
  v1::ClassifyRequest request = ClassifyText();
  request.clear_text();
  *request.add_images() = Prepared("one");
  *request.add_images() = Prepared("two");
  const auto checked = CheckClassifyRequest(request, kDefaults);
  ASSERT_THAT(checked, IsOk());
  EXPECT_EQ(checked->chat.model, "qwen3-vl:4b");
  EXPECT_EQ(checked->chat.messages[0].images, std::vector<std::string_view>({"one", "two"}));
}

TEST(CheckClassifyRequestTest, TakesTheLongestTextThatItDocuments) {
  v1::ClassifyRequest request = ClassifyText();
  request.set_text(std::string(1 << 20, 'x'));
  EXPECT_THAT(CheckClassifyRequest(request, kDefaults), IsOk());
}

TEST(CheckClassifyRequestTest, RefusesEachMistakeByItsName) {
  const auto check = [](const std::function<void(v1::ClassifyRequest&)>& change) {
    v1::ClassifyRequest request = ClassifyText();
    change(request);
    return CheckClassifyRequest(request, kDefaults).status();
  };
  EXPECT_THAT(check([](auto& r) { r.set_model("a b"); }), IsInvalidField("model"));
  EXPECT_THAT(check([](auto& r) { r.clear_text(); }), IsInvalidField("text"));
  EXPECT_THAT(check([](auto& r) { r.set_text(std::string((1 << 20) + 1, 'x')); }),
              IsInvalidField("text"));
  EXPECT_THAT(check([](auto& r) { r.clear_labels(); }),
              IsError(StatusCode::kInvalidArgument, "LABELS_EMPTY"));
  EXPECT_THAT(check([](auto& r) { r.add_labels("cat"); }),
              IsError(StatusCode::kInvalidArgument, "LABELS_DUPLICATE"));
  EXPECT_THAT(check([](auto& r) {
                for (int i = 0; i < 10'000; ++i) r.add_labels(std::to_string(i));
              }),
              IsError(StatusCode::kInvalidArgument, "LABELS_TOO_MANY"));
  EXPECT_THAT(check([](auto& r) { r.add_images()->set_content("file"); }),
              IsError(StatusCode::kInvalidArgument, "IMAGE_NOT_PREPARED"));
  EXPECT_THAT(check([](auto& r) { *r.add_images() = Promised("x"); }), IsInvalidField("images[0]"));
  EXPECT_THAT(check([](auto& r) { r.mutable_keep_alive()->set_seconds(-1); }),
              IsInvalidField("keep_alive"));
  const absl::Status marker = check([](auto& r) { r.set_labels(1, "[img-3]"); });
  EXPECT_THAT(marker, IsError(StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER"));
  EXPECT_EQ(MetadataOf(marker, "field"), "labels[1]");
  EXPECT_THAT(check([](auto& r) { r.set_text("[img]"); }),
              IsError(StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER"));
}

TEST(CheckAgainstEngineTest, RefusesAPictureForAModelThatCannotSee) {
  v1::GenerateRequest request = Hello();
  request.set_model("talking");
  *request.mutable_messages(0)->add_images() = Prepared();
  const CheckedChat with_picture = *Check(request);
  request.mutable_messages(0)->clear_images();
  const CheckedChat without_picture = *Check(request);

  EngineSnapshot engine;
  EXPECT_THAT(CheckAgainstEngine(with_picture, engine), IsOk()) << "the engine knows best";
  engine.models["talking:latest"] = {.name = "talking:latest"};
  EXPECT_THAT(CheckAgainstEngine(with_picture, engine), IsOk()) << "not known what it can";
  engine.models["talking:latest"].capabilities = {"completion"};
  const absl::Status refused = CheckAgainstEngine(with_picture, engine);
  EXPECT_THAT(refused, IsError(StatusCode::kFailedPrecondition, "MODEL_LACKS_VISION"));
  EXPECT_EQ(MetadataOf(refused, "model"), "talking");
  EXPECT_THAT(CheckAgainstEngine(without_picture, engine), IsOk());
  engine.models["talking:latest"].capabilities = {"completion", "vision"};
  EXPECT_THAT(CheckAgainstEngine(with_picture, engine), IsOk());
}

}  // namespace
}  // namespace tessera::inference
