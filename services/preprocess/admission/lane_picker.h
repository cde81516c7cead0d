// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_ADMISSION_LANE_PICKER_H_
#define TESSERA_SERVICES_PREPROCESS_ADMISSION_LANE_PICKER_H_

#include <array>
#include <cstdint>
#include <optional>

#include "services/preprocess/admission/picture_cost.h"

namespace tessera::preprocess {

// Which lane goes next. A plain value without locks or clocks: a copy of it plays the future
// through.
//
// Rules, in order:
//  * One worker is kept from the slow lane where there are several, so that a quick picture never
//    waits for slow ones to end.
//  * A picture starts only when its memory fits the budget beside what is running. What takes more
//    than three quarters of it counts as three quarters, so that small pictures go on beside a huge
//    one, and a second large one does not. What waits for memory is overtaken at most sixteen
//    times.
//  * Otherwise the lane goes next that has had less work done, so that both get half of the
//    workers' time while both have something to do.
class LanePicker {
 public:
  LanePicker(int workers, uint64_t memory_budget_bytes)
      : workers_(workers), memory_budget_bytes_(memory_budget_bytes) {}

  // The lane whose first picture may start now. Null stands for an empty lane.
  std::optional<Lane> Pick(const PictureCost* quick, const PictureCost* slow) const;

  // A picture has come into a lane that was empty: work not asked for while it was empty is no
  // credit.
  void LaneWakes(Lane lane);

  // A picture that Pick chose starts; `other` is the first one of the other lane.
  void Start(const PictureCost& cost, const PictureCost* other);
  void End(const PictureCost& cost);

  int running(Lane lane) const { return running_[Index(lane)]; }
  // As counted against the budget.
  uint64_t memory_in_use_bytes() const { return memory_in_use_bytes_; }

 private:
  static constexpr size_t Index(Lane lane) { return static_cast<size_t>(lane); }
  static constexpr Lane Other(Lane lane) {
    return lane == Lane::kQuick ? Lane::kSlow : Lane::kQuick;
  }
  bool HasWorker(Lane lane) const;
  bool HasMemory(const PictureCost& cost) const;
  uint64_t CountedBytes(const PictureCost& cost) const;

  int workers_;
  uint64_t memory_budget_bytes_;
  std::array<int, 2> running_ = {};
  uint64_t memory_in_use_bytes_ = 0;
  // Seconds of work started so far, by lane, and what the lane that went last had before.
  std::array<double, 2> work_s_ = {};
  double last_work_s_ = 0;
  // How often a lane was overtaken while its first picture waited for memory.
  std::array<int, 2> overtaken_ = {};
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_ADMISSION_LANE_PICKER_H_
