// SPDX-License-Identifier: Apache-2.0
#include "services/inference/schema/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "tests/support/status_matchers.h"

namespace tessera::inference {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using testing::IsError;
using testing::IsOk;

std::optional<std::string> Fault(const std::string& schema, const std::string& json) {
  const auto parsed = JsonSchema::Parse("schema", schema);
  if (!parsed.ok()) return std::string(parsed.status().message());
  return (*parsed)->FaultOf(json);
}

struct Row {
  std::string schema;
  std::vector<std::string> conforming;
  std::vector<std::string> faulty;
};

void Check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    ASSERT_THAT(JsonSchema::Parse("schema", row.schema), IsOk());
    for (const std::string& json : row.conforming) {
      EXPECT_EQ(Fault(row.schema, json), std::nullopt) << row.schema << " and " << json;
    }
    for (const std::string& json : row.faulty) {
      EXPECT_NE(Fault(row.schema, json), std::nullopt) << row.schema << " and " << json;
    }
  }
}

TEST(JsonSchemaTest, ChecksTypesAndValues) {
  Check({
      {"{}", {"null", "1", "[]", "{}", "\"x\""}, {"", "x", "{", "1 2", "'x'", "nan"}},
      {"true", {"1"}, {}},
      {"false", {}, {"1", "{}"}},
      {R"({"type":"integer"})", {"1", "-7", "1.0", "1e3"}, {"1.5", "\"1\"", "true"}},
      {R"({"type":"number"})", {"1", "1.5"}, {"null", "\"1\""}},
      {R"({"type":["string","null"]})", {"\"x\"", "null"}, {"0", "false"}},
      {R"({"type":"boolean"})", {"true"}, {"0"}},
      {R"({"enum":["a",1,null,{"b":[1]}]})", {"\"a\"", "1.0", "null", "{\"b\":[1]}"}, {"2", "{}"}},
      {R"({"const":{"a":1,"b":2}})", {R"({"b":2,"a":1})"}, {R"({"a":1})"}},
  });
}

TEST(JsonSchemaTest, ChecksNumbersAndTexts) {
  Check({
      {R"({"minimum":1,"maximum":3})", {"1", "3", "\"far\""}, {"0.99", "3.01"}},
      {R"({"exclusiveMinimum":1,"exclusiveMaximum":3})", {"1.01", "2"}, {"1", "3"}},
      {R"({"multipleOf":0.1})", {"0.3", "7", "0"}, {"0.35"}},
      {R"({"minLength":2,"maxLength":3})",
       {"\"ab\"", "\"äöü\"", "\"世界\""},
       {"\"a\"", "\"abcd\""}},
      {R"({"pattern":"^[A-Z]{2}[0-9]+$"})", {"\"AB1\"", "7"}, {"\"aB1\"", "\"AB\""}},
      {R"({"pattern":"b+"})", {"\"abbc\""}, {"\"ac\""}},
      {R"({"format":"date"})", {"\"not a date\""}, {}},
  });
}

TEST(JsonSchemaTest, ChecksLists) {
  Check({
      {R"({"items":{"type":"integer"}})", {"[]", "[1,2]", "{}"}, {"[1,\"x\"]"}},
      {R"({"items":[{"type":"integer"},{"type":"string"}]})",
       {"[1]", "[1,\"x\",null]"},
       {"[\"x\"]"}},
      {R"({"items":[{}],"additionalItems":false})", {"[1]", "[]"}, {"[1,2]"}},
      {R"({"prefixItems":[{"type":"integer"}],"items":{"type":"string"}})",
       {"[1,\"x\"]"},
       {"[1,2]", "[\"x\"]"}},
      {R"({"minItems":1,"maxItems":2})", {"[1]", "[1,2]"}, {"[]", "[1,2,3]"}},
      {R"({"uniqueItems":true})",
       {"[1,2,\"1\"]", "[[1],[2]]", R"([{"a":1},{"a":2}])"},
       {"[1,1]", "[1,1.0]", "[[1],[1]]", R"([{"a":1,"b":2},{"b":2,"a":1}])"}},
      {R"({"contains":{"type":"string"}})", {"[1,\"x\"]"}, {"[]", "[1]"}},
  });
}

TEST(JsonSchemaTest, ChecksObjects) {
  Check({
      {R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]})",
       {R"({"a":1})", R"({"a":1,"b":2})"},
       {"{}", R"({"a":"1"})", "[]"}},
      {R"({"properties":{"a":{}},"additionalProperties":false})", {R"({"a":1})"}, {R"({"b":1})"}},
      {R"({"properties":{"a":{}},"additionalProperties":{"type":"string"}})",
       {R"({"a":1,"b":"x"})"},
       {R"({"b":1})"}},
      {R"({"patternProperties":{"^n_":{"type":"integer"}},"additionalProperties":false})",
       {R"({"n_a":1})"},
       {R"({"n_a":"x"})", R"({"m":1})"}},
      {R"({"minProperties":1,"maxProperties":2})",
       {R"({"a":1})"},
       {"{}", R"({"a":1,"b":1,"c":1})"}},
      {R"({"propertyNames":{"maxLength":2}})", {R"({"ab":1})"}, {R"({"abc":1})"}},
      {R"({"dependencies":{"a":["b"],"c":{"required":["d"]}}})",
       {"{}", R"({"a":1,"b":1})", R"({"c":1,"d":1})"},
       {R"({"a":1})", R"({"c":1})"}},
  });
}

TEST(JsonSchemaTest, ChecksWhatIsPutTogether) {
  Check({
      {R"({"allOf":[{"minimum":1},{"maximum":3}]})", {"2"}, {"0", "4"}},
      {R"({"anyOf":[{"type":"string"},{"minimum":3}]})", {"\"x\"", "3"}, {"2"}},
      {R"({"oneOf":[{"minimum":1},{"maximum":3}]})", {"0", "4"}, {"2"}},
      {R"({"not":{"type":"string"}})", {"1"}, {"\"x\""}},
      {R"({"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":5}})",
       {"\"ab\"", "5"},
       {"\"a\"", "4"}},
      {R"({"$ref":"#/definitions/a","definitions":{"a":{"type":"string"}}})", {"\"x\""}, {"1"}},
      {R"({"$ref":"#/$defs/a","minLength":2,"$defs":{"a":{"type":"string"}}})",
       {"\"xy\""},
       {"\"x\""}},
      {R"({"$ref":"#/$defs/a~1b~0c","$defs":{"a/b~c":{"type":"string"}}})", {"\"x\""}, {"1"}},
      {R"({"type":"object","properties":{"next":{"$ref":"#"}},"additionalProperties":false})",
       {R"({"next":{"next":{}}})"},
       {R"({"next":{"next":{"x":1}}})"}},
      {R"({"properties":{"a":{"type":"string"},"b":{"$ref":"#/properties/a"}}})",
       {R"({"b":"x"})"},
       {R"({"b":1})"}},
  });
}

TEST(JsonSchemaTest, SaysWhereTheFaultIs) {
  constexpr char kSchema[] =
      R"({"type":"object","properties":{"a":{"type":"array","items":{"enum":["x","y"]}}},)"
      R"("required":["a"]})";
  EXPECT_EQ(Fault(kSchema, "{}"), "lacks the property 'a'");
  EXPECT_EQ(Fault(kSchema, R"({"a":["x","z"]})"),
            "/a/1: is not one of the values that are allowed");
  EXPECT_EQ(Fault(kSchema, R"({"a":7})"), "/a: must be a list");
  EXPECT_EQ(Fault(kSchema, "oops"), "is not one JSON value");
  EXPECT_EQ(
      Fault(R"({"anyOf":[{"type":"string"},{"properties":{"a":{"minimum":3}}}]})", R"({"a":1})"),
      "has none of the forms that are allowed");
}

TEST(JsonSchemaTest, RefusesWhatIsNoSchema) {
  for (const char* schema :
       {"",
        "x",
        "7",
        "null",
        "[]",
        R"({"type":"text"})",
        R"({"type":7})",
        R"({"enum":"a"})",
        R"({"enum":[1],"const":1})",
        R"({"minimum":"1"})",
        R"({"minLength":-1})",
        R"({"multipleOf":0})",
        R"({"pattern":7})",
        R"({"pattern":"("})",
        R"({"pattern":"(?=a)b"})",
        R"({"pattern":"(a)\\1"})",
        R"({"pattern":"\\pL{1000}"})",
        R"({"items":7})",
        R"({"properties":[]})",
        R"({"properties":{"a":7}})",
        R"({"required":"a"})",
        R"({"required":[1]})",
        R"({"allOf":{}})",
        R"({"uniqueItems":1})",
        R"({"$ref":7})",
        R"({"$ref":"other.json"})",
        R"({"$ref":"https://example.org/s#"})",
        R"({"$ref":"#/definitions/none"})",
        R"({"$ref":"#/a/b/c"})",
        R"({"$ref":"#name"})",
        R"({"$ref":"#"})",
        R"({"allOf":[{"anyOf":[{"$ref":"#/allOf/0"}]}]})",
        R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})",
        R"({"unevaluatedProperties":false})",
        R"({"dependentRequired":{}})",
        R"({"dependencies":{"a":7}})"}) {
    const auto parsed = JsonSchema::Parse("response_format.json_schema", schema);
    EXPECT_THAT(parsed, IsError(StatusCode::kInvalidArgument, "SCHEMA_INVALID")) << schema;
    EXPECT_THAT(parsed.status().message(), HasSubstr("response_format.json_schema"));
    EXPECT_EQ(MetadataOf(parsed.status(), "field"), "response_format.json_schema");
  }
}

TEST(JsonSchemaTest, BoundsTheSchema) {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_THAT(JsonSchema::Parse("s", R"({"enum":)" + deep + "}"),
              IsError(StatusCode::kInvalidArgument, "SCHEMA_INVALID"));
  EXPECT_THAT(JsonSchema::Parse("s", R"({"not":)" + std::string(100'000, '[')),
              IsError(StatusCode::kInvalidArgument, "SCHEMA_INVALID"));
  EXPECT_THAT(JsonSchema::Parse("s", R"({"description":")" + std::string(65'536, 'x') + "\"}"),
              IsError(StatusCode::kInvalidArgument, "SCHEMA_INVALID"));
  std::string patterns;
  for (int i = 0; i < 17; ++i) patterns += R"(,{"pattern":"a"})";
  EXPECT_THAT(JsonSchema::Parse("s", R"({"anyOf":[{})" + patterns + "]}"),
              IsError(StatusCode::kInvalidArgument, "SCHEMA_INVALID"));
}

TEST(JsonSchemaTest, KeepsTheOrderOfKeysAndDropsBlanks) {
  const auto parsed =
      JsonSchema::Parse("s", "{ \"type\": \"object\",\n \"properties\": {\"z\": {}, \"a\": {}} }");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ((*parsed)->text(), R"({"type":"object","properties":{"z":{},"a":{}}})");
  EXPECT_TRUE((*parsed)->IsOfObject());
  EXPECT_FALSE((*JsonSchema::Parse("s", R"({"type":["object","null"]})"))->IsOfObject());
  EXPECT_FALSE((*JsonSchema::Parse("s", "{}"))->IsOfObject());
}

// Each of these takes exponential time, or all of the stack, in a checker that just goes on.
TEST(JsonSchemaTest, HostileSchemasAndAnswersCostLittle) {
  const absl::Time start = absl::Now();
  std::string doubling = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 40; ++i) {
    const std::string next = R"({"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"}";
    doubling += "\"d" + std::to_string(i) + R"(":{"anyOf":[)" + next + "," + next + "]},";
  }
  doubling += R"("d40":{"type":"string"}}})";
  EXPECT_THAT(*Fault(doubling, "1"), HasSubstr("intricate"));

  std::string nested = "1";
  for (int i = 0; i < 100; ++i) nested = R"({"a":)" + nested + "}";
  EXPECT_THAT(*Fault(R"({"allOf":[{"properties":{"a":{"$ref":"#"}}},)"
                     R"({"properties":{"a":{"$ref":"#"}}}]})",
                     nested),
              HasSubstr("intricate"));

  std::string chain = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 1'500; ++i) {
    chain += "\"d" + std::to_string(i) + R"(":{"$ref":"#/$defs/d)" + std::to_string(i + 1) + "\"},";
  }
  chain += R"("d1500":{}}})";
  EXPECT_THAT(*Fault(chain, "1"), HasSubstr("intricate"));

  EXPECT_THAT(*Fault("{}", std::string(1'000'000, '[')), HasSubstr("nested"));
  const std::string digits = "\"" + std::string(1'000'000, '1') + "\"";
  EXPECT_NE(Fault(R"({"pattern":"^([0-9]+)+x$"})", digits), std::nullopt);

  std::string items = "[0";
  for (int i = 1; i < 100'000; ++i) items += "," + std::to_string(i);
  EXPECT_EQ(Fault(R"({"uniqueItems":true})", items + "]"), std::nullopt);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

TEST(JsonSchemaTest, OneJsonValueIsEnough) {
  EXPECT_EQ(FaultOfJson(" {\"a\": [1, 2]}\n"), std::nullopt);
  EXPECT_EQ(FaultOfJson("7"), std::nullopt);
  EXPECT_NE(FaultOfJson(""), std::nullopt);
  EXPECT_NE(FaultOfJson("{} {}"), std::nullopt);
  EXPECT_NE(FaultOfJson("```json\n{}\n```"), std::nullopt);
  EXPECT_NE(FaultOfJson(std::string(1'000'000, '[')), std::nullopt);
}

}  // namespace
}  // namespace tessera::inference
