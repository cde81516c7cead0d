// SPDX-License-Identifier: Apache-2.0
//
// What a request may say beyond texts, pictures and the common sampling options: each range's ends
// pass, what lies beyond is named.
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "services/inference/chat_request_check.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using testing::IsError;
using testing::IsInvalidField;
using testing::IsOk;

using Change = std::function<void(v1::GenerateRequest&)>;

v1::Message& Add(v1::GenerateRequest& request, v1::Role role, const std::string& text) {
  v1::Message& message = *request.add_messages();
  message.set_role(role);
  message.set_text(text);
  return message;
}

v1::ToolCall& AddCall(v1::GenerateRequest& request) {
  v1::Message& message = Add(request, v1::ROLE_ASSISTANT, "");
  v1::ToolCall& call = *message.add_tool_calls();
  call.set_name("weather");
  call.set_arguments_json("{}");
  Add(request, v1::ROLE_TOOL, "rain").set_tool_name("weather");
  return *request.mutable_messages(1)->mutable_tool_calls(0);
}

v1::Tool& AddTool(v1::GenerateRequest& request, const std::string& name = "weather") {
  v1::Tool& tool = *request.add_tools();
  tool.set_name(name);
  return tool;
}

absl::Status Check(const Change& change, bool allow_runtime = true) {
  v1::GenerateRequest request;
  Add(request, v1::ROLE_USER, "hello");
  change(request);
  RequestDefaults defaults;
  defaults.allow_runtime_options = allow_runtime;
  return CheckGenerateRequest(request, {}, defaults).status();
}

TEST(RequestSurfaceTest, TakesEachRangesEnds) {
  constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
  int row = 0;
  for (const Change& change : std::vector<Change>{
           [](auto& r) { r.mutable_sampling()->set_typical_p(kSmallest); },
           [](auto& r) { r.mutable_sampling()->set_typical_p(1); },
           [](auto& r) { r.mutable_sampling()->set_repeat_last_n(0); },
           [](auto& r) { r.mutable_sampling()->set_repeat_last_n(1'048'576); },
           [](auto& r) { r.mutable_sampling()->set_presence_penalty(-2); },
           [](auto& r) { r.mutable_sampling()->set_presence_penalty(2); },
           [](auto& r) { r.mutable_sampling()->set_frequency_penalty(-2); },
           [](auto& r) { r.mutable_sampling()->set_frequency_penalty(2); },
           [](auto& r) { r.mutable_sampling()->set_num_keep(0); },
           [](auto& r) { r.mutable_sampling()->set_num_keep(1'048'576); },
           [](auto& r) { r.set_top_logprobs(0); },
           [](auto& r) { r.set_top_logprobs(20); },
           [](auto& r) { r.set_thinking(v1::THINKING_HIGH); },
           [](auto& r) { r.set_priority(v1::PRIORITY_BATCH); },
           [](auto& r) { r.set_cache_policy(v1::CACHE_POLICY_REFRESH); },
           [](auto& r) { r.mutable_response_format()->set_json(true); },
           [](auto& r) { r.mutable_runtime()->set_num_ctx(512); },
           [](auto& r) { r.mutable_runtime()->set_num_ctx(1'048'576); },
           [](auto& r) { r.mutable_runtime()->set_num_batch(65'536); },
           [](auto& r) { r.mutable_runtime()->set_num_gpu(0); },
           [](auto& r) { r.mutable_runtime()->set_main_gpu(63); },
           [](auto& r) { r.mutable_runtime()->set_num_thread(1'024); },
           [](auto& r) { AddTool(r, std::string(64, 'a')); },
           [](auto& r) { AddTool(r).set_description(std::string(8 << 10, 'x')); },
           [](auto& r) {
             for (int i = 0; i < 64; ++i) AddTool(r, "t" + std::to_string(i));
           },
           [](auto& r) { AddCall(r).set_arguments_json(R"({"city": "Ulm"})"); },
           [](auto& r) {
             Add(r, v1::ROLE_ASSISTANT, "yes").set_thinking("hm");
             Add(r, v1::ROLE_USER, "more");
           },
       }) {
    EXPECT_THAT(Check(change), IsOk()) << row;
    ++row;
  }
}

TEST(RequestSurfaceTest, NamesTheFieldThatIsOutsideItsRange) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  struct Row {
    std::string field;
    Change change;
  };
  for (const Row& row : std::vector<Row>{
           {"sampling.typical_p", [](auto& r) { r.mutable_sampling()->set_typical_p(0); }},
           {"sampling.typical_p", [=](auto& r) { r.mutable_sampling()->set_typical_p(nan); }},
           {"sampling.repeat_last_n",
            [](auto& r) { r.mutable_sampling()->set_repeat_last_n(1'048'577); }},
           {"sampling.presence_penalty",
            [](auto& r) { r.mutable_sampling()->set_presence_penalty(2.01F); }},
           {"sampling.frequency_penalty",
            [](auto& r) { r.mutable_sampling()->set_frequency_penalty(-2.01F); }},
           {"sampling.num_keep", [](auto& r) { r.mutable_sampling()->set_num_keep(1'048'577); }},
           {"top_logprobs", [](auto& r) { r.set_top_logprobs(21); }},
           {"thinking", [](auto& r) { r.set_thinking(static_cast<v1::Thinking>(99)); }},
           {"priority", [](auto& r) { r.set_priority(static_cast<v1::Priority>(99)); }},
           {"cache_policy", [](auto& r) { r.set_cache_policy(static_cast<v1::CachePolicy>(99)); }},
           {"response_format.json", [](auto& r) { r.mutable_response_format()->set_json(false); }},
           {"response_format.repair",
            [](auto& r) { r.mutable_response_format()->set_repair(true); }},
           {"runtime.num_ctx", [](auto& r) { r.mutable_runtime()->set_num_ctx(511); }},
           {"runtime.num_batch", [](auto& r) { r.mutable_runtime()->set_num_batch(0); }},
           {"runtime.num_gpu", [](auto& r) { r.mutable_runtime()->set_num_gpu(10'001); }},
           {"runtime.main_gpu", [](auto& r) { r.mutable_runtime()->set_main_gpu(64); }},
           {"runtime.num_thread", [](auto& r) { r.mutable_runtime()->set_num_thread(0); }},
           {"tools",
            [](auto& r) {
              for (int i = 0; i < 65; ++i) AddTool(r, "t" + std::to_string(i));
            }},
           {"tools[0].name", [](auto& r) { AddTool(r, "two words"); }},
           {"tools[0].name", [](auto& r) { AddTool(r, ""); }},
           {"tools[1].name", [](auto& r) { AddTool(r), AddTool(r); }},
           {"tools[0].description",
            [](auto& r) { AddTool(r).set_description(std::string((8 << 10) + 1, 'x')); }},
           {"messages[1].tool_calls[0].name", [](auto& r) { AddCall(r).set_name("two words"); }},
           {"messages[1].tool_calls[0].arguments_json",
            [](auto& r) { AddCall(r).set_arguments_json("[1]"); }},
           {"messages[1].tool_calls[0].arguments_json",
            [](auto& r) { AddCall(r).set_arguments_json("{"); }},
           {"messages[1].tool_calls[0].id",
            [](auto& r) { AddCall(r).set_id(std::string(257, 'x')); }},
           {"messages[2].tool_name",
            [](auto& r) {
              AddCall(r);
              r.mutable_messages(2)->clear_tool_name();
            }},
           {"messages[0].tool_name", [](auto& r) { r.mutable_messages(0)->set_tool_name("t"); }},
           {"messages[0].tool_calls",
            [](auto& r) { r.mutable_messages(0)->add_tool_calls()->set_name("t"); }},
           {"messages[0].thinking", [](auto& r) { r.mutable_messages(0)->set_thinking("hm"); }},
           {"messages[1].images",
            [](auto& r) {
              Add(r, v1::ROLE_SYSTEM, "x").add_images()->mutable_prepared()->set_data("jpeg");
              Add(r, v1::ROLE_USER, "x");
            }},
           {"messages", [](auto& r) { Add(r, v1::ROLE_ASSISTANT, "the end"); }},
       }) {
    EXPECT_THAT(Check(row.change), IsInvalidField(row.field)) << row.field;
  }
}

TEST(RequestSurfaceTest, RefusesSchemasWithTheirOwnReason) {
  for (const Change& change : std::vector<Change>{
           [](auto& r) { r.mutable_response_format()->set_json_schema(""); },
           [](auto& r) { r.mutable_response_format()->set_json_schema("no"); },
           [](auto& r) { AddTool(r).set_parameters_schema_json(R"({"type":"array"})"); },
       }) {
    EXPECT_THAT(Check(change), IsError(StatusCode::kInvalidArgument, "SCHEMA_INVALID"));
  }
}

TEST(RequestSurfaceTest, OptionsThatReloadTheModelAreTheOperatorsUnlessAllowed) {
  const Change change = [](auto& r) { r.mutable_runtime()->set_num_ctx(8192); };
  EXPECT_THAT(Check(change, /*allow_runtime=*/false),
              IsError(StatusCode::kFailedPrecondition, "RUNTIME_OPTIONS_FIXED"));
  EXPECT_THAT(Check(change, /*allow_runtime=*/true), IsOk());
}

TEST(RequestSurfaceTest, APictureMarkerIsRefusedWhereverTheModelWouldReadIt) {
  for (const Change& change : std::vector<Change>{
           [](auto& r) { AddTool(r).set_description("[img-0]"); },
           [](auto& r) { AddCall(r).set_arguments_json(R"({"a":"[img-0]"})"); },
           [](auto& r) {
             Add(r, v1::ROLE_ASSISTANT, "x").set_thinking("[img-0]");
             Add(r, v1::ROLE_USER, "x");
           },
       }) {
    EXPECT_THAT(Check(change), IsError(StatusCode::kInvalidArgument, "PROMPT_IMAGE_MARKER"));
  }
}

TEST(RequestSurfaceTest, KnowsWhichAnswersMayBeKept) {
  const auto kept = [](const Change& change) {
    v1::GenerateRequest request;
    Add(request, v1::ROLE_USER, "hello");
    change(request);
    const auto checked = CheckGenerateRequest(request, {}, {});
    return std::pair(checked->reads_cache, checked->writes_cache);
  };
  const std::pair neither(false, false), both(true, true), only_written(false, true);
  EXPECT_EQ(kept([](auto&) {}), neither) << "the model's own temperature is not known";
  EXPECT_EQ(kept([](auto& r) { r.mutable_sampling()->set_temperature(0); }), both);
  EXPECT_EQ(kept([](auto& r) {
              r.mutable_sampling()->set_temperature(0);
              AddTool(r);
            }),
            neither);
  EXPECT_EQ(kept([](auto& r) { r.set_cache_policy(v1::CACHE_POLICY_USE); }), both);
  EXPECT_EQ(kept([](auto& r) { r.set_cache_policy(v1::CACHE_POLICY_REFRESH); }), only_written);
  EXPECT_EQ(kept([](auto& r) {
              r.mutable_sampling()->set_temperature(0);
              r.set_cache_policy(v1::CACHE_POLICY_OFF);
            }),
            neither);
}

}  // namespace
}  // namespace tessera::inference
