// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/admission/lane_picker.h"

#include <algorithm>

namespace tessera::preprocess {
namespace {
constexpr int kMaxOvertaken = 16;
}  // namespace

bool LanePicker::HasWorker(Lane lane) const {
  if (running_[0] + running_[1] >= workers_) return false;
  return lane == Lane::kQuick || workers_ == 1 || running(Lane::kSlow) < workers_ - 1;
}

uint64_t LanePicker::CountedBytes(const PictureCost& cost) const {
  return std::min(cost.memory_bytes, memory_budget_bytes_ / 4 * 3);
}

bool LanePicker::HasMemory(const PictureCost& cost) const {
  if (running_[0] + running_[1] == 0) return true;
  return memory_in_use_bytes_ + CountedBytes(cost) <= memory_budget_bytes_;
}

std::optional<Lane> LanePicker::Pick(const PictureCost* quick, const PictureCost* slow) const {
  const std::array<const PictureCost*, 2> first = {quick, slow};
  const auto may_start = [&](Lane lane) {
    if (first[Index(lane)] == nullptr || !HasWorker(lane)) return false;
    if (!HasMemory(*first[Index(lane)])) return false;
    const Lane other = Other(lane);
    return first[Index(other)] == nullptr || !HasWorker(other) ||
           overtaken_[Index(other)] < kMaxOvertaken;
  };
  const bool quick_may = may_start(Lane::kQuick);
  const bool slow_may = may_start(Lane::kSlow);
  if (quick_may && slow_may) return work_s_[0] <= work_s_[1] ? Lane::kQuick : Lane::kSlow;
  if (quick_may) return Lane::kQuick;
  if (slow_may) return Lane::kSlow;
  return std::nullopt;
}

void LanePicker::LaneWakes(Lane lane) {
  work_s_[Index(lane)] = std::max(work_s_[Index(lane)], last_work_s_);
}

void LanePicker::Start(const PictureCost& cost, const PictureCost* other) {
  const size_t lane = Index(cost.lane);
  last_work_s_ = work_s_[lane];
  work_s_[lane] += absl::ToDoubleSeconds(cost.work);
  overtaken_[lane] = 0;
  const bool overtakes = other != nullptr && HasWorker(Other(cost.lane)) && !HasMemory(*other);
  if (overtakes) ++overtaken_[Index(Other(cost.lane))];
  ++running_[lane];
  memory_in_use_bytes_ += CountedBytes(cost);
}

void LanePicker::End(const PictureCost& cost) {
  --running_[Index(cost.lane)];
  memory_in_use_bytes_ -= CountedBytes(cost);
}

}  // namespace tessera::preprocess
