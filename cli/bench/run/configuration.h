// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_BENCH_RUN_CONFIGURATION_H_
#define TESSERA_CLI_BENCH_RUN_CONFIGURATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::bench {

// A model and how it is run: "qwen3-vl:4b@kv=q8_0,flash_attention=1,num_ctx=8192,parallel=2". What
// is not named stays as the engine has it.
struct Configuration {
  std::string text;   // As it was given.
  std::string model;  // Before the '@'.
  uint32_t num_ctx = 0;
  std::string kv_type;  // f16, q8_0, q4_0.
  std::optional<bool> flash_attention;
  int parallel = 0;

  // Whether an engine has to be started for it: these are settings of the whole engine.
  bool NeedsOwnEngine() const {
    return !kv_type.empty() || flash_attention.has_value() || parallel > 0;
  }
  // OLLAMA_* settings.
  std::vector<std::pair<std::string, std::string>> Environment() const;
};

// INVALID_ARGUMENT, reason ARGUMENT_INVALID, says which part is wrong.
absl::StatusOr<Configuration> ParseConfiguration(std::string_view text);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_RUN_CONFIGURATION_H_
