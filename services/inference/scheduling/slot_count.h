// SPDX-License-Identifier: Apache-2.0
//
// How many answers of one model an engine makes at once. Ollama does not tell.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_SLOT_COUNT_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_SLOT_COUNT_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace tessera::inference {

// Architectures that Ollama gives one slot whatever OLLAMA_NUM_PARALLEL says.
bool IsAlwaysSingleSlot(std::string_view family);

// Configured, or learnt: now and then, while jobs wait, one more than is known to fit is sent
// along. If it is answered while the others are, there was a slot for it; if it had to wait for one
// of them there was none, and the next experiment comes later. Not thread-safe.
class SlotCount {
 public:
  // `fixed`: known beforehand, nothing is tried.
  explicit SlotCount(std::optional<uint32_t> fixed) : fixed_(fixed), slots_(fixed.value_or(1)) {}

  uint32_t slots() const { return slots_; }

  // Whether another job may go when `busy` are with the engine already. A true for a job beyond
  // slots() begins an experiment.
  bool Admit(uint32_t busy, absl::Time now);
  // So many jobs were seen to be answered at the same time.
  void OnOverlap(uint32_t answering);
  // A job ended before the experiment was decided.
  void OnEnd(absl::Time now);
  // The engine was started anew, perhaps with other settings.
  void Forget();

 private:
  static constexpr uint32_t kMost = 64;
  static constexpr absl::Duration kFirstPause = absl::Seconds(2);
  static constexpr absl::Duration kLongestPause = absl::Minutes(10);

  void EndExperiment(absl::Time now);

  const std::optional<uint32_t> fixed_;
  uint32_t slots_;
  bool trying_ = false;
  absl::Duration pause_ = kFirstPause;
  absl::Time next_try_ = absl::InfinitePast();
};

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_SLOT_COUNT_H_
