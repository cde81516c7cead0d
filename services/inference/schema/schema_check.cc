// SPDX-License-Identifier: Apache-2.0
#include "services/inference/schema/schema_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "absl/base/attributes.h"
#include "services/inference/schema/json_nesting.h"

namespace tessera::inference {
namespace {

constexpr int kMaxAnswerNesting = 128;
constexpr size_t kMaxUnits = 1'000'000;
constexpr int kMaxDepth = 1'000;  // Of our own calls: a few hundred bytes of stack each.
constexpr size_t kBytesPerUnit = 32;

bool IsWhole(const Json& value) {
  return value.is_number_integer() ||
         (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
}

uint8_t TypeOf(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return kNullType;
    case Json::value_t::boolean:
      return kBooleanType;
    case Json::value_t::object:
      return kObjectType;
    case Json::value_t::array:
      return kArrayType;
    case Json::value_t::string:
      return kStringType;
    default:
      return IsWhole(value) ? kIntegerType : kNumberType;
  }
}

std::string TypeNames(uint8_t types) {
  std::string names;
  const auto add = [&](const char* name) {
    if (!names.empty()) names += " or ";
    names += name;
  };
  if (types & kNullType) add("null");
  if (types & kBooleanType) add("true or false");
  if (types & kObjectType) add("an object");
  if (types & kArrayType) add("a list");
  if (types & kNumberType) add("a number");
  if (types & kStringType) add("a text");
  if ((types & kIntegerType) && !(types & kNumberType)) add("a whole number");
  return names;
}

uint64_t CharactersIn(const std::string& utf8) {
  return static_cast<uint64_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

class Check {
 public:
  explicit Check(const SchemaProgram& program) : program_(program) {}

  bool Conforms(const Json& value) { return Apply(program_.root, value); }
  std::string fault() const {
    if (gave_up_) return "is too large, or the schema too intricate, to be checked";
    return place_.empty() ? fault_ : fmt::format("{}: {}", place_, fault_);
  }

 private:
  // Notes the first fault; always false.
  bool Fault(std::string what) {
    if (fault_.empty()) {
      fault_ = std::move(what);
      place_ = path_;
    }
    return false;
  }

  bool Spend(size_t units) {
    if (units > left_) gave_up_ = true;
    left_ -= std::min(units, left_);
    return !gave_up_;
  }

  bool Apply(NodeId id, const Json& value) {
    const SchemaNode& node = program_.nodes[static_cast<size_t>(id)];
    if (++depth_ > kMaxDepth) gave_up_ = true;
    const bool conforms = Spend(1) && Conforms(node, value);
    --depth_;
    return conforms;
  }

  // Whether `value` conforms to a schema that it need not conform to: that it does not is no fault.
  bool Tries(NodeId id, const Json& value) {
    std::string fault = fault_, place = place_;
    const bool conforms = Apply(id, value);
    fault_ = std::move(fault);
    place_ = std::move(place);
    return conforms && !gave_up_;
  }

  bool Conforms(const SchemaNode& node, const Json& value) {
    if (node.never) return Fault("must not be there");
    const uint8_t type = TypeOf(value);
    if ((node.types & type) == 0) return Fault("must be " + TypeNames(node.types));
    if (node.values) {
      if (!Spend(node.values_cost)) return false;
      if (std::find(node.values->begin(), node.values->end(), value) == node.values->end()) {
        return Fault("is not one of the values that are allowed");
      }
    }
    switch (type) {
      case kIntegerType:
      case kNumberType:
        if (!NumberConforms(node, value.get<double>())) return false;
        break;
      case kStringType:
        if (!TextConforms(node, value.get_ref<const std::string&>())) return false;
        break;
      case kArrayType:
        if (!ArrayConforms(node, value)) return false;
        break;
      case kObjectType:
        if (!ObjectConforms(node, value)) return false;
        break;
      default:
        break;
    }
    return AppliedConform(node, value);
  }

  // Not inlined: what messages need would lie on the stack once for each level of nesting.
  ABSL_ATTRIBUTE_NOINLINE bool NumberConforms(const SchemaNode& node, double number) {
    if (node.minimum && number < *node.minimum) {
      return Fault(fmt::format("must be at least {}", *node.minimum));
    }
    if (node.maximum && number > *node.maximum) {
      return Fault(fmt::format("must be at most {}", *node.maximum));
    }
    if (node.above && number <= *node.above) {
      return Fault(fmt::format("must be more than {}", *node.above));
    }
    if (node.below && number >= *node.below) {
      return Fault(fmt::format("must be less than {}", *node.below));
    }
    if (node.multiple_of) {
      const double times = number / *node.multiple_of;
      // 0.3 is three times 0.1, whatever binary fractions say.
      if (std::abs(times - std::round(times)) > 1e-9 * std::max(1.0, std::abs(times))) {
        return Fault(fmt::format("must be a multiple of {}", *node.multiple_of));
      }
    }
    return true;
  }

  ABSL_ATTRIBUTE_NOINLINE bool TextConforms(const SchemaNode& node, const std::string& text) {
    if (!Spend(text.size() / kBytesPerUnit)) return false;
    if (node.min_length || node.max_length) {
      const uint64_t length = CharactersIn(text);
      if (node.min_length && length < *node.min_length) {
        return Fault(fmt::format("must have at least {} characters", *node.min_length));
      }
      if (node.max_length && length > *node.max_length) {
        return Fault(fmt::format("must have at most {} characters", *node.max_length));
      }
    }
    if (node.pattern != nullptr && !re2::RE2::PartialMatch(text, *node.pattern)) {
      return Fault(fmt::format("must match the pattern {}", node.pattern->pattern()));
    }
    return true;
  }

  ABSL_ATTRIBUTE_NOINLINE bool ArrayConforms(const SchemaNode& node, const Json& list) {
    if (node.min_items && list.size() < *node.min_items) {
      return Fault(fmt::format("must have at least {} items", *node.min_items));
    }
    if (node.max_items && list.size() > *node.max_items) {
      return Fault(fmt::format("must have at most {} items", *node.max_items));
    }
    if (node.unique_items && !ItemsAreUnique(list)) return Fault("must not hold an item twice");
    for (size_t i = 0; i < list.size(); ++i) {
      const NodeId id = i < node.first_items.size() ? node.first_items[i] : node.other_items;
      if (id != kNoNode && !ApplyAt(std::to_string(i), id, list[i])) return false;
    }
    if (node.contains != kNoNode && std::none_of(list.begin(), list.end(), [&](const Json& item) {
          return Tries(node.contains, item);
        })) {
      return Fault("must hold an item of the kind that is asked for");
    }
    return true;
  }

  ABSL_ATTRIBUTE_NOINLINE bool ItemsAreUnique(const Json& list) {
    std::vector<const Json*> items;
    for (const Json& item : list) {
      if (item.is_structured() && !Spend(item.dump().size() / kBytesPerUnit)) return false;
      items.push_back(&item);
    }
    if (!Spend(items.size())) return false;
    std::sort(items.begin(), items.end(), [](const Json* a, const Json* b) { return *a < *b; });
    return std::adjacent_find(items.begin(), items.end(),
                              [](const Json* a, const Json* b) { return *a == *b; }) == items.end();
  }

  ABSL_ATTRIBUTE_NOINLINE bool ObjectConforms(const SchemaNode& node, const Json& object) {
    if (!Spend(node.required.size() + node.required_with.size())) return false;
    for (const std::string& name : node.required) {
      if (!object.contains(name)) return Fault(fmt::format("lacks the property '{}'", name));
    }
    for (const auto& [present, needed] : node.required_with) {
      if (!object.contains(present)) continue;
      for (const std::string& name : needed) {
        if (!Spend(1)) return false;
        if (!object.contains(name)) return Fault(fmt::format("lacks the property '{}'", name));
      }
    }
    if (node.min_properties && object.size() < *node.min_properties) {
      return Fault(fmt::format("must have at least {} properties", *node.min_properties));
    }
    if (node.max_properties && object.size() > *node.max_properties) {
      return Fault(fmt::format("must have at most {} properties", *node.max_properties));
    }
    for (const auto& [name, value] : object.items()) {
      if (!PropertyConforms(node, name, value)) return false;
    }
    for (const auto& [present, id] : node.applied_with) {
      if (object.contains(present) && !Apply(id, object)) return false;
    }
    return true;
  }

  bool PropertyConforms(const SchemaNode& node, const std::string& name, const Json& value) {
    if (!Spend(1 + node.pattern_properties.size() * (1 + name.size() / kBytesPerUnit)))
      return false;
    if (node.property_names != kNoNode && !ApplyAt(name, node.property_names, Json(name))) {
      return false;
    }
    bool known = false;
    if (const auto property = node.properties.find(name); property != node.properties.end()) {
      known = true;
      if (!ApplyAt(name, property->second, value)) return false;
    }
    for (const auto& [pattern, id] : node.pattern_properties) {
      if (!re2::RE2::PartialMatch(name, *pattern)) continue;
      known = true;
      if (!ApplyAt(name, id, value)) return false;
    }
    return known || node.other_properties == kNoNode || ApplyAt(name, node.other_properties, value);
  }

  bool AppliedConform(const SchemaNode& node, const Json& value) {
    if (node.reference != kNoNode && !Apply(node.reference, value)) return false;
    for (const NodeId id : node.all_of) {
      if (!Apply(id, value)) return false;
    }
    const auto tries = [&](NodeId id) { return Tries(id, value); };
    if (!node.any_of.empty() && std::none_of(node.any_of.begin(), node.any_of.end(), tries)) {
      return Fault("has none of the forms that are allowed");
    }
    if (!node.one_of.empty() && std::count_if(node.one_of.begin(), node.one_of.end(), tries) != 1) {
      return Fault("must have exactly one of the forms that are allowed");
    }
    if (node.not_this != kNoNode && Tries(node.not_this, value)) {
      return Fault("has a form that is not allowed");
    }
    if (node.if_this != kNoNode) {
      const NodeId then = Tries(node.if_this, value) ? node.then_this : node.else_this;
      if (then != kNoNode && !Apply(then, value)) return false;
    }
    return !gave_up_;
  }

  bool ApplyAt(const std::string& step, NodeId id, const Json& value) {
    const size_t length = path_.size();
    path_ += '/';
    path_ += step.substr(0, kMaxStepBytes);
    const bool conforms = Apply(id, value);
    path_.resize(length);
    return conforms;
  }

  static constexpr size_t kMaxStepBytes = 64;

  const SchemaProgram& program_;
  size_t left_ = kMaxUnits;
  int depth_ = 0;
  bool gave_up_ = false;
  std::string path_, fault_, place_;
};

}  // namespace

std::optional<std::string> CheckAgainst(const SchemaProgram& program, std::string_view json) {
  if (NestingOf(json) > kMaxAnswerNesting) {
    return fmt::format("is nested more than {} deep", kMaxAnswerNesting);
  }
  const Json value = Json::parse(json, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return "is not one JSON value";
  Check check(program);
  if (check.Conforms(value)) return std::nullopt;
  return check.fault();
}

}  // namespace tessera::inference
