// SPDX-License-Identifier: Apache-2.0
#include "services/inference/engine/runtime_options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::inference {
namespace {

struct NumberOption {
  const char* name;
  std::optional<uint32_t> RuntimeOptions::*field;
  uint32_t low;
  uint32_t high;
};

constexpr std::array<NumberOption, 5> kNumbers = {{
    {"num_ctx", &RuntimeOptions::num_ctx, 512, 1'048'576},
    {"num_batch", &RuntimeOptions::num_batch, 1, 65'536},
    {"num_gpu", &RuntimeOptions::num_gpu, 0, 10'000},
    {"main_gpu", &RuntimeOptions::main_gpu, 0, 63},
    {"num_thread", &RuntimeOptions::num_thread, 1, 1'024},
}};

constexpr std::string_view kLatest = ":latest";

std::string_view WithoutLatest(std::string_view model) {
  if (model.ends_with(kLatest)) model.remove_suffix(kLatest.size());
  return model;
}

absl::Status Set(std::string_view flag, std::string_view key, std::string_view value,
                 RuntimeOptions& options) {
  if (key == "use_mmap") {
    if (value != "true" && value != "false") {
      return InvalidField(flag, fmt::format("use_mmap must be true or false, not '{}'", value));
    }
    options.use_mmap = value == "true";
    return absl::OkStatus();
  }
  for (const NumberOption& option : kNumbers) {
    if (key != option.name) continue;
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) {
      return InvalidField(flag, fmt::format("{} must be a number, not '{}'", key, value));
    }
    options.*option.field = number;
    return absl::OkStatus();
  }
  return InvalidField(flag, fmt::format("has no option '{}'", key));
}

}  // namespace

absl::Status CheckRuntimeOptions(std::string_view field, const RuntimeOptions& options) {
  for (const NumberOption& option : kNumbers) {
    const std::optional<uint32_t>& value = options.*option.field;
    if (value && (*value < option.low || *value > option.high)) {
      return InvalidField(fmt::format("{}.{}", field, option.name),
                          fmt::format("must be in [{}, {}]", option.low, option.high));
    }
  }
  return absl::OkStatus();
}

RuntimeOptions Merge(const RuntimeOptions& over, const RuntimeOptions& under) {
  RuntimeOptions merged = over;
  for (const NumberOption& option : kNumbers) {
    if (!(merged.*option.field)) merged.*option.field = under.*option.field;
  }
  if (!merged.use_mmap) merged.use_mmap = under.use_mmap;
  return merged;
}

absl::StatusOr<ModelProfiles> ModelProfiles::Parse(std::string_view flag,
                                                   const std::vector<std::string>& entries) {
  ModelProfiles profiles;
  for (const std::string& entry : entries) {
    std::string_view rest = entry;
    const auto next = [&rest] {
      const size_t comma = rest.find(',');
      const std::string_view part = rest.substr(0, comma);
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
      return part;
    };
    const std::string_view model = WithoutLatest(next());
    if (model.empty()) return InvalidField(flag, "must begin with the name of a model");
    RuntimeOptions options;
    while (!rest.empty()) {
      const std::string_view part = next();
      const size_t equals = part.find('=');
      if (equals == std::string_view::npos) {
        return InvalidField(flag, fmt::format("'{}' is not of the form option=value", part));
      }
      TESSERA_RETURN_IF_ERROR(Set(flag, part.substr(0, equals), part.substr(equals + 1), options));
    }
    TESSERA_RETURN_IF_ERROR(CheckRuntimeOptions(flag, options));
    if (!profiles.of_model_.emplace(model, options).second) {
      return InvalidField(flag, fmt::format("names the model '{}' twice", model));
    }
  }
  return profiles;
}

RuntimeOptions ModelProfiles::Of(std::string_view model) const {
  const auto found = of_model_.find(WithoutLatest(model));
  return found == of_model_.end() ? RuntimeOptions() : found->second;
}

}  // namespace tessera::inference
