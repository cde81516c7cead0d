// SPDX-License-Identifier: Apache-2.0
#include "services/inference/schema/schema_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/status/status.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

// Bounds the program that a pattern becomes, some thousand instructions.
constexpr int64_t kPatternMemoryBytes = 128 << 10;
constexpr int kMaxPatterns = 16;
constexpr size_t kMaxPatternBytes = 1024;
// One unit of work compares about so many bytes.
constexpr size_t kBytesPerUnit = 32;

constexpr std::array<std::string_view, 8> kKeywordsOfLaterDrafts = {
    "unevaluatedProperties", "unevaluatedItems", "dependentSchemas", "dependentRequired",
    "minContains",           "maxContains",      "$dynamicRef",      "$recursiveRef"};

constexpr std::array<std::pair<std::string_view, uint8_t>, 7> kTypeNames = {
    {{"null", kNullType},
     {"boolean", kBooleanType},
     {"object", kObjectType},
     {"array", kArrayType},
     {"number", static_cast<uint8_t>(kNumberType | kIntegerType)},
     {"string", kStringType},
     {"integer", kIntegerType}}};

class Compiler {
 public:
  explicit Compiler(const OrderedJson& document)
      : document_(document), program_(std::make_unique<SchemaProgram>()) {}

  absl::StatusOr<std::unique_ptr<SchemaProgram>> Run() {
    TESSERA_ASSIGN_OR_RETURN(program_->root, NodeOf(document_, "#"));
    // A referenced schema may lie where no keyword leads.
    while (!pending_.empty()) {
      const Pending next = pending_.back();
      pending_.pop_back();
      TESSERA_ASSIGN_OR_RETURN(const NodeId target, NodeOf(*next.target, next.path));
      node(next.from).reference = target;
    }
    TESSERA_RETURN_IF_ERROR(CheckCircles());
    return std::move(program_);
  }

 private:
  struct Pending {
    NodeId from;
    const OrderedJson* target;
    std::string path;
  };

  SchemaNode& node(NodeId id) { return program_->nodes[static_cast<size_t>(id)]; }

  static absl::Status Error(std::string_view path, std::string_view what) {
    return absl::InvalidArgumentError(fmt::format("at {} {}", path, what));
  }

  absl::StatusOr<NodeId> NodeOf(const OrderedJson& schema, const std::string& path) {
    if (const auto known = node_of_.find(&schema); known != node_of_.end()) return known->second;
    if (!schema.is_object() && !schema.is_boolean()) {
      return Error(path, "stands neither an object nor true or false");
    }
    const auto id = static_cast<NodeId>(program_->nodes.size());
    node_of_.emplace(&schema, id);
    program_->nodes.emplace_back();
    if (schema.is_boolean()) {
      node(id).never = !schema.get<bool>();
      return id;
    }
    for (const std::string_view keyword : kKeywordsOfLaterDrafts) {
      if (schema.contains(keyword)) {
        return Error(path, fmt::format("stands '{}', which is not of draft 7", keyword));
      }
    }
    // Into a node of its own: subschemas make program_->nodes move.
    SchemaNode made;
    TESSERA_RETURN_IF_ERROR(ReadValues(schema, path, made));
    TESSERA_RETURN_IF_ERROR(ReadBounds(schema, path, made));
    TESSERA_RETURN_IF_ERROR(ReadArray(schema, path, made));
    TESSERA_RETURN_IF_ERROR(ReadObject(schema, path, made));
    TESSERA_RETURN_IF_ERROR(ReadApplied(schema, path, made));
    node(id) = std::move(made);
    return ReadReference(schema, path, id);
  }

  absl::Status ReadValues(const OrderedJson& schema, const std::string& path, SchemaNode& made) {
    if (const auto type = schema.find("type"); type != schema.end()) {
      made.types = 0;
      const OrderedJson names = type->is_array() ? *type : OrderedJson::array({*type});
      for (const OrderedJson& name : names) {
        const auto* known = std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const auto& t) {
          return name.is_string() && t.first == name.template get_ref<const std::string&>();
        });
        if (known == kTypeNames.end()) return Error(path, "'type' names no type of JSON");
        made.types |= known->second;
      }
    }
    if (const auto values = schema.find("enum"); values != schema.end()) {
      if (!values->is_array()) return Error(path, "'enum' is not a list");
      made.values.emplace();
      for (const OrderedJson& value : *values) made.values->push_back(Json(value));
      made.values_cost = values->size() + values->dump().size() / kBytesPerUnit;
    }
    if (const auto value = schema.find("const"); value != schema.end()) {
      if (made.values) return Error(path, "stand both 'enum' and 'const'");
      made.values.emplace().push_back(Json(*value));
      made.values_cost = 1 + value->dump().size() / kBytesPerUnit;
    }
    return absl::OkStatus();
  }

  static absl::Status ReadNumber(const OrderedJson& schema, const char* key,
                                 const std::string& path, std::optional<double>& number) {
    const auto found = schema.find(key);
    if (found == schema.end()) return absl::OkStatus();
    if (!found->is_number()) return Error(path, fmt::format("'{}' is not a number", key));
    number = found->get<double>();
    return absl::OkStatus();
  }

  static absl::Status ReadCount(const OrderedJson& schema, const char* key, const std::string& path,
                                std::optional<uint64_t>& count) {
    std::optional<double> number;
    TESSERA_RETURN_IF_ERROR(ReadNumber(schema, key, path, number));
    if (!number) return absl::OkStatus();
    if (*number < 0 || *number > 1e15) return Error(path, fmt::format("'{}' is no count", key));
    count = static_cast<uint64_t>(*number);
    return absl::OkStatus();
  }

  absl::Status ReadBounds(const OrderedJson& schema, const std::string& path, SchemaNode& made) {
    TESSERA_RETURN_IF_ERROR(ReadNumber(schema, "minimum", path, made.minimum));
    TESSERA_RETURN_IF_ERROR(ReadNumber(schema, "maximum", path, made.maximum));
    TESSERA_RETURN_IF_ERROR(ReadNumber(schema, "exclusiveMinimum", path, made.above));
    TESSERA_RETURN_IF_ERROR(ReadNumber(schema, "exclusiveMaximum", path, made.below));
    TESSERA_RETURN_IF_ERROR(ReadNumber(schema, "multipleOf", path, made.multiple_of));
    if (made.multiple_of && !(*made.multiple_of > 0)) {
      return Error(path, "'multipleOf' is not above 0");
    }
    TESSERA_RETURN_IF_ERROR(ReadCount(schema, "minLength", path, made.min_length));
    TESSERA_RETURN_IF_ERROR(ReadCount(schema, "maxLength", path, made.max_length));
    TESSERA_RETURN_IF_ERROR(ReadCount(schema, "minItems", path, made.min_items));
    TESSERA_RETURN_IF_ERROR(ReadCount(schema, "maxItems", path, made.max_items));
    TESSERA_RETURN_IF_ERROR(ReadCount(schema, "minProperties", path, made.min_properties));
    TESSERA_RETURN_IF_ERROR(ReadCount(schema, "maxProperties", path, made.max_properties));
    if (const auto pattern = schema.find("pattern"); pattern != schema.end()) {
      if (!pattern->is_string()) return Error(path, "'pattern' is not a text");
      TESSERA_ASSIGN_OR_RETURN(made.pattern, Pattern(pattern->get<std::string>(), path));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<const re2::RE2>> Pattern(const std::string& pattern,
                                                          const std::string& path) {
    if (++patterns_ > kMaxPatterns) {
      return Error(path, fmt::format("stands one pattern more than {}", kMaxPatterns));
    }
    if (pattern.size() > kMaxPatternBytes) {
      return Error(path, fmt::format("stands a pattern of more than {} bytes", kMaxPatternBytes));
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemoryBytes);
    auto compiled = std::make_unique<const re2::RE2>(pattern, options);
    if (!compiled->ok()) {
      return Error(path,
                   fmt::format("stands a pattern that cannot be used: {}", compiled->error()));
    }
    return compiled;
  }

  absl::Status ReadSchema(const OrderedJson& schema, const char* key, const std::string& path,
                          NodeId& id) {
    const auto found = schema.find(key);
    if (found == schema.end()) return absl::OkStatus();
    TESSERA_ASSIGN_OR_RETURN(id, NodeOf(*found, fmt::format("{}/{}", path, key)));
    return absl::OkStatus();
  }

  absl::Status ReadSchemas(const OrderedJson& schema, const char* key, const std::string& path,
                           std::vector<NodeId>& ids) {
    const auto found = schema.find(key);
    if (found == schema.end()) return absl::OkStatus();
    if (!found->is_array()) return Error(path, fmt::format("'{}' is not a list", key));
    for (size_t i = 0; i < found->size(); ++i) {
      TESSERA_ASSIGN_OR_RETURN(const NodeId id,
                               NodeOf((*found)[i], fmt::format("{}/{}/{}", path, key, i)));
      ids.push_back(id);
    }
    return absl::OkStatus();
  }

  static absl::Status ReadNames(const OrderedJson& names, const std::string& path,
                                std::vector<std::string>& result) {
    if (!names.is_array()) return Error(path, "stands something that is not a list of names");
    for (const OrderedJson& name : names) {
      if (!name.is_string()) return Error(path, "stands a name that is not a text");
      result.push_back(name.get<std::string>());
    }
    return absl::OkStatus();
  }

  absl::Status ReadArray(const OrderedJson& schema, const std::string& path, SchemaNode& made) {
    if (const auto unique = schema.find("uniqueItems"); unique != schema.end()) {
      if (!unique->is_boolean()) return Error(path, "'uniqueItems' is neither true nor false");
      made.unique_items = unique->get<bool>();
    }
    const auto items = schema.find("items");
    if (items != schema.end() && items->is_array()) {
      TESSERA_RETURN_IF_ERROR(ReadSchemas(schema, "items", path, made.first_items));
      TESSERA_RETURN_IF_ERROR(ReadSchema(schema, "additionalItems", path, made.other_items));
    } else {
      TESSERA_RETURN_IF_ERROR(ReadSchemas(schema, "prefixItems", path, made.first_items));
      TESSERA_RETURN_IF_ERROR(ReadSchema(schema, "items", path, made.other_items));
    }
    return ReadSchema(schema, "contains", path, made.contains);
  }

  absl::Status ReadObject(const OrderedJson& schema, const std::string& path, SchemaNode& made) {
    if (const auto required = schema.find("required"); required != schema.end()) {
      TESSERA_RETURN_IF_ERROR(ReadNames(*required, path + "/required", made.required));
    }
    if (const auto properties = schema.find("properties"); properties != schema.end()) {
      if (!properties->is_object()) return Error(path, "'properties' is not an object");
      for (const auto& [name, property] : properties->items()) {
        TESSERA_ASSIGN_OR_RETURN(made.properties[name],
                                 NodeOf(property, fmt::format("{}/properties/{}", path, name)));
      }
    }
    if (const auto patterns = schema.find("patternProperties"); patterns != schema.end()) {
      if (!patterns->is_object()) return Error(path, "'patternProperties' is not an object");
      for (const auto& [pattern, property] : patterns->items()) {
        TESSERA_ASSIGN_OR_RETURN(auto compiled, Pattern(pattern, path));
        TESSERA_ASSIGN_OR_RETURN(const NodeId id,
                                 NodeOf(property, path + "/patternProperties/" + pattern));
        made.pattern_properties.emplace_back(std::move(compiled), id);
      }
    }
    if (const auto dependencies = schema.find("dependencies"); dependencies != schema.end()) {
      if (!dependencies->is_object()) return Error(path, "'dependencies' is not an object");
      for (const auto& [name, needed] : dependencies->items()) {
        const std::string place = fmt::format("{}/dependencies/{}", path, name);
        if (needed.is_array()) {
          std::vector<std::string> names;
          TESSERA_RETURN_IF_ERROR(ReadNames(needed, place, names));
          made.required_with.emplace_back(name, std::move(names));
        } else {
          TESSERA_ASSIGN_OR_RETURN(const NodeId id, NodeOf(needed, place));
          made.applied_with.emplace_back(name, id);
        }
      }
    }
    TESSERA_RETURN_IF_ERROR(
        ReadSchema(schema, "additionalProperties", path, made.other_properties));
    return ReadSchema(schema, "propertyNames", path, made.property_names);
  }

  absl::Status ReadApplied(const OrderedJson& schema, const std::string& path, SchemaNode& made) {
    TESSERA_RETURN_IF_ERROR(ReadSchemas(schema, "allOf", path, made.all_of));
    TESSERA_RETURN_IF_ERROR(ReadSchemas(schema, "anyOf", path, made.any_of));
    TESSERA_RETURN_IF_ERROR(ReadSchemas(schema, "oneOf", path, made.one_of));
    TESSERA_RETURN_IF_ERROR(ReadSchema(schema, "not", path, made.not_this));
    TESSERA_RETURN_IF_ERROR(ReadSchema(schema, "if", path, made.if_this));
    TESSERA_RETURN_IF_ERROR(ReadSchema(schema, "then", path, made.then_this));
    return ReadSchema(schema, "else", path, made.else_this);
  }

  // The target is read later: it may be a schema that is being read now.
  absl::StatusOr<NodeId> ReadReference(const OrderedJson& schema, const std::string& path,
                                       NodeId id) {
    const auto found = schema.find("$ref");
    if (found == schema.end()) return id;
    if (!found->is_string()) return Error(path, "'$ref' is not a text");
    const auto pointer = found->get<std::string>();
    if (pointer != "#" && pointer.rfind("#/", 0) != 0) {
      return Error(path, fmt::format("'$ref' is '{}': only places in this schema, such as "
                                     "#/$defs/x, can be referred to",
                                     pointer));
    }
    const OrderedJson* target = Find(pointer.substr(1));
    if (target == nullptr)
      return Error(path, fmt::format("'$ref' is '{}': nothing is there", pointer));
    pending_.push_back({id, target, pointer});
    return id;
  }

  const OrderedJson* Find(std::string_view pointer) const {
    const OrderedJson* at = &document_;
    while (!pointer.empty()) {
      pointer.remove_prefix(1);
      const size_t end = std::min(pointer.find('/'), pointer.size());
      std::string step;
      for (size_t i = 0; i < end; ++i) {
        const bool escaped = pointer[i] == '~' && i + 1 < end;
        step += escaped ? (pointer[++i] == '1' ? '/' : '~') : pointer[i];
      }
      pointer.remove_prefix(end);
      if (at->is_object()) {
        const auto next = at->find(step);
        if (next == at->end()) return nullptr;
        at = &*next;
      } else if (at->is_array()) {
        const bool number = !step.empty() && step.size() < 6 &&
                            step.find_first_not_of("0123456789") == std::string::npos;
        if (!number || std::stoul(step) >= at->size()) return nullptr;
        at = &(*at)[std::stoul(step)];
      } else {
        return nullptr;
      }
    }
    return at;
  }

  // A schema that applies itself to the very same value would never end.
  absl::Status CheckCircles() const {
    enum class Mark : uint8_t { kNew, kOpen, kDone };
    std::vector<Mark> marks(program_->nodes.size(), Mark::kNew);
    struct Step {
      NodeId id;
      std::vector<NodeId> next;
    };
    for (size_t start = 0; start < marks.size(); ++start) {
      if (marks[start] != Mark::kNew) continue;
      std::vector<Step> steps;
      marks[start] = Mark::kOpen;
      steps.push_back({static_cast<NodeId>(start), AppliedBy(program_->nodes[start])});
      while (!steps.empty()) {
        if (steps.back().next.empty()) {
          marks[static_cast<size_t>(steps.back().id)] = Mark::kDone;
          steps.pop_back();
          continue;
        }
        const NodeId id = steps.back().next.back();
        steps.back().next.pop_back();
        Mark& mark = marks[static_cast<size_t>(id)];
        if (mark == Mark::kOpen) return absl::InvalidArgumentError("its references go in a circle");
        if (mark == Mark::kDone) continue;
        mark = Mark::kOpen;
        steps.push_back({id, AppliedBy(program_->nodes[static_cast<size_t>(id)])});
      }
    }
    return absl::OkStatus();
  }

  // The nodes that a node applies to its own value.
  static std::vector<NodeId> AppliedBy(const SchemaNode& node) {
    std::vector<NodeId> ids;
    for (const auto* list : {&node.all_of, &node.any_of, &node.one_of}) {
      ids.insert(ids.end(), list->begin(), list->end());
    }
    for (const auto& [name, id] : node.applied_with) ids.push_back(id);
    for (const NodeId id :
         {node.not_this, node.if_this, node.then_this, node.else_this, node.reference}) {
      if (id != kNoNode) ids.push_back(id);
    }
    return ids;
  }

  const OrderedJson& document_;
  std::unique_ptr<SchemaProgram> program_;
  std::map<const OrderedJson*, NodeId> node_of_;
  std::vector<Pending> pending_;
  int patterns_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SchemaProgram>> CompileSchema(const OrderedJson& document) {
  return Compiler(document).Run();
}

}  // namespace tessera::inference
