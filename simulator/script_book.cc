// SPDX-License-Identifier: Apache-2.0
#include "simulator/script_book.h"

#include <utility>

#include "absl/strings/match.h"

namespace tessera::simulator {
namespace {

bool Matches(const ScriptRule& rule, std::string_view path, std::string_view model,
             std::string_view prompt) {
  const bool path_fits = rule.path.empty() ? IsGenerationPath(path) : rule.path == path;
  return path_fits && (rule.model.empty() || rule.model == model) &&
         (rule.contains.empty() || prompt.find(rule.contains) != std::string_view::npos);
}

}  // namespace

bool IsGenerationPath(std::string_view path) {
  return path == "/api/chat" || path == "/api/generate" || path == "/api/embed";
}

void ScriptBook::Add(ScriptRule rule) {
  MutexLock lock(&mutex_);
  auto before = rules_.end();
  if (rule.times > 0) {
    before = rules_.begin();
    while (before != rules_.end() && before->times > 0) {
      ++before;
    }
  }
  rules_.insert(before, std::move(rule));
  count_.store(rules_.size(), std::memory_order_release);
}

void ScriptBook::Clear() {
  MutexLock lock(&mutex_);
  rules_.clear();
  count_.store(0, std::memory_order_release);
}

std::optional<AnswerScript> ScriptBook::Take(std::string_view path, std::string_view model,
                                             std::string_view prompt) {
  if (empty()) {
    return std::nullopt;
  }
  MutexLock lock(&mutex_);
  for (auto rule = rules_.begin(); rule != rules_.end(); ++rule) {
    if (!Matches(*rule, path, model, prompt)) {
      continue;
    }
    if (rule->probability < 1.0 &&
        std::uniform_real_distribution<double>(0, 1)(random_) >= rule->probability) {
      continue;
    }
    AnswerScript answer = rule->answer;
    if (rule->times > 0 && --rule->times == 0) {
      rules_.erase(rule);
      count_.store(rules_.size(), std::memory_order_release);
    }
    return answer;
  }
  return std::nullopt;
}

}  // namespace tessera::simulator
