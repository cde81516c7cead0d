// SPDX-License-Identifier: Apache-2.0
#include "cli/bench/run/configuration.h"

#include <fmt/format.h>

#include <charconv>

#include "common/status/error.h"

namespace tessera::bench {
namespace {

std::optional<int> Number(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

bool Set(Configuration& configuration, std::string_view key, std::string_view value) {
  if (key == "kv") {
    configuration.kv_type = value;
    return value == "f16" || value == "q8_0" || value == "q4_0";
  }
  if (key == "flash_attention") {
    configuration.flash_attention = value == "1";
    return value == "0" || value == "1";
  }
  const auto number = Number(value);
  if (!number) return false;
  if (key == "num_ctx") {
    configuration.num_ctx = static_cast<uint32_t>(*number);
    return true;
  }
  configuration.parallel = *number;
  return key == "parallel" && *number <= 64;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> Configuration::Environment() const {
  std::vector<std::pair<std::string, std::string>> environment;
  if (!kv_type.empty()) environment.emplace_back("OLLAMA_KV_CACHE_TYPE", kv_type);
  if (flash_attention) {
    environment.emplace_back("OLLAMA_FLASH_ATTENTION", *flash_attention ? "1" : "0");
  }
  if (parallel > 0) environment.emplace_back("OLLAMA_NUM_PARALLEL", fmt::to_string(parallel));
  return environment;
}

absl::StatusOr<Configuration> ParseConfiguration(std::string_view text) {
  Configuration configuration{.text = std::string(text)};
  const size_t at = text.find('@');
  configuration.model = text.substr(0, at);
  bool valid = !configuration.model.empty();
  std::string_view rest = at == text.npos ? std::string_view() : text.substr(at + 1);
  while (valid && !rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const size_t equals = part.find('=');
    valid =
        equals != part.npos && Set(configuration, part.substr(0, equals), part.substr(equals + 1));
  }
  if (valid) return configuration;
  return MakeError(absl::StatusCode::kInvalidArgument, "ARGUMENT_INVALID",
                   fmt::format("{}: must be MODEL or MODEL@SETTINGS, with kv=f16|q8_0|q4_0, "
                               "flash_attention=0|1, num_ctx=N and parallel=1..64 parted by commas",
                               text));
}

}  // namespace tessera::bench
