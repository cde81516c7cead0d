// SPDX-License-Identifier: Apache-2.0
#include "cli/answer_choices.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

namespace tessera::cli {
namespace {

namespace api = inference::v1;

// Says which words there are, without the numbers behind them.
template <typename Value>
void AddChoice(CLI::App& command, const char* name, const char* words, const char* help,
               std::map<std::string, Value> values, Value& chosen) {
  command
      .add_option_function<std::string>(
          name,
          [name, words, values = std::move(values), &chosen](const std::string& given) {
            const auto found = values.find(given);
            if (found == values.end()) {
              throw CLI::ValidationError(std::string(name) + ": must be one of " + words);
            }
            chosen = found->second;
          },
          help)
      ->type_name(words);
}

}  // namespace

void AddCacheOption(CLI::App& command, api::CachePolicy& policy) {
  AddChoice<api::CachePolicy>(
      command, "--cache", "off|use|refresh",
      "Answers given before: never, welcome, or ask anew and keep; default: use where the same "
      "question has the same answer",
      {{"off", api::CACHE_POLICY_OFF},
       {"use", api::CACHE_POLICY_USE},
       {"refresh", api::CACHE_POLICY_REFRESH}},
      policy);
}

void AddThinkingOption(CLI::App& command, api::Thinking& thinking) {
  AddChoice<api::Thinking>(command, "--think", "off|on|low|medium|high",
                           "Whether the model thinks before it answers; default: as it does",
                           {{"off", api::THINKING_OFF},
                            {"on", api::THINKING_ON},
                            {"low", api::THINKING_LOW},
                            {"medium", api::THINKING_MEDIUM},
                            {"high", api::THINKING_HIGH}},
                           thinking);
}

}  // namespace tessera::cli
