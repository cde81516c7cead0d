// SPDX-License-Identifier: Apache-2.0
//
// The rules by which a test scripts answers ahead of the requests.
#ifndef TESSERA_SIMULATOR_SCRIPT_BOOK_H_
#define TESSERA_SIMULATOR_SCRIPT_BOOK_H_

#include <atomic>
#include <cstdint>
#include <list>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "simulator/answer_script.h"

namespace tessera::simulator {

// Applies to the requests that meet all of its conditions.
struct ScriptRule {
  // Without a path: /api/chat, /api/generate and /api/embed. With one: that path only; elsewhere
  // than on those three only the fault and the delivery have a meaning.
  std::string path;
  std::string model;         // as the request spells it
  std::string contains;      // part of the last user message
  int times = 1;             // 0: for ever
  double probability = 1.0;  // of a matching request being taken
  AnswerScript answer;
};

// First rule first; a rule that may be used only so often goes before one that stays. Thread-safe.
class ScriptBook {
 public:
  explicit ScriptBook(uint64_t seed) : random_(seed) {}

  void Add(ScriptRule rule);
  void Clear();
  // Uses up the rule that it finds.
  std::optional<AnswerScript> Take(std::string_view path, std::string_view model,
                                   std::string_view prompt);
  bool empty() const { return count_.load(std::memory_order_acquire) == 0; }

 private:
  Mutex mutex_;
  std::list<ScriptRule> rules_ ABSL_GUARDED_BY(mutex_);
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::atomic<size_t> count_{0};
};

// Whether answers are generated on `path`.
bool IsGenerationPath(std::string_view path);

}  // namespace tessera::simulator

#endif  // TESSERA_SIMULATOR_SCRIPT_BOOK_H_
