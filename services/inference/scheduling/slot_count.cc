// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/slot_count.h"

#include <algorithm>
#include <array>

namespace tessera::inference {

bool IsAlwaysSingleSlot(std::string_view family) {
  static constexpr std::array<std::string_view, 6> kExact = {"mllama", "qwen3vl",   "qwen3vlmoe",
                                                             "qwen35", "qwen35moe", "qwen3next"};
  return std::find(kExact.begin(), kExact.end(), family) != kExact.end() ||
         family.starts_with("lfm2") || family.starts_with("nemotron_h");
}

bool SlotCount::Admit(uint32_t busy, absl::Time now) {
  if (busy < slots_) return true;
  if (fixed_ || trying_ || busy > slots_ || slots_ >= kMost || now < next_try_) return false;
  trying_ = true;
  return true;
}

void SlotCount::OnOverlap(uint32_t answering) {
  if (fixed_ || answering <= slots_) return;
  slots_ = std::min(answering, kMost);
  trying_ = false;
  pause_ = kFirstPause;
}

void SlotCount::OnEnd(absl::Time now) {
  if (trying_) EndExperiment(now);
}

void SlotCount::EndExperiment(absl::Time now) {
  trying_ = false;
  next_try_ = now + pause_;
  pause_ = std::min(pause_ * 2, kLongestPause);
}

void SlotCount::Forget() {
  if (fixed_) return;
  slots_ = 1;
  trying_ = false;
  pause_ = kFirstPause;
  next_try_ = absl::InfinitePast();
}

}  // namespace tessera::inference
