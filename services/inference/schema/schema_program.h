// SPDX-License-Identifier: Apache-2.0
//
// A JSON schema taken apart: one node for each subschema, named by its number.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_PROGRAM_H_
#define TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_PROGRAM_H_

#include <re2/re2.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tessera::inference {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

using NodeId = int;
inline constexpr NodeId kNoNode = -1;

inline constexpr uint8_t kNullType = 1;
inline constexpr uint8_t kBooleanType = 2;
inline constexpr uint8_t kObjectType = 4;
inline constexpr uint8_t kArrayType = 8;
inline constexpr uint8_t kNumberType = 16;
inline constexpr uint8_t kStringType = 32;
inline constexpr uint8_t kIntegerType = 64;  // A number without a fraction.
inline constexpr uint8_t kAnyType = 127;

struct SchemaNode {
  bool never = false;  // The schema `false`.
  uint8_t types = kAnyType;
  std::optional<std::vector<Json>> values;  // enum, const
  size_t values_cost = 0;                   // Work of comparing with all of them.

  std::optional<double> minimum, maximum, above, below, multiple_of;
  std::optional<uint64_t> min_length, max_length;
  std::unique_ptr<const re2::RE2> pattern;

  std::optional<uint64_t> min_items, max_items;
  bool unique_items = false;
  std::vector<NodeId> first_items;
  NodeId other_items = kNoNode;
  NodeId contains = kNoNode;

  std::optional<uint64_t> min_properties, max_properties;
  std::vector<std::string> required;
  std::map<std::string, NodeId, std::less<>> properties;
  std::vector<std::pair<std::unique_ptr<const re2::RE2>, NodeId>> pattern_properties;
  NodeId other_properties = kNoNode;
  NodeId property_names = kNoNode;
  std::vector<std::pair<std::string, std::vector<std::string>>> required_with;
  std::vector<std::pair<std::string, NodeId>> applied_with;

  // Applied to the same value.
  std::vector<NodeId> all_of, any_of, one_of;
  NodeId not_this = kNoNode;
  NodeId if_this = kNoNode, then_this = kNoNode, else_this = kNoNode;
  NodeId reference = kNoNode;
};

struct SchemaProgram {
  std::vector<SchemaNode> nodes;
  NodeId root = 0;
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEMA_SCHEMA_PROGRAM_H_
