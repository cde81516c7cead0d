// SPDX-License-Identifier: Apache-2.0
//
// What a picture will cost before anything of it is decoded, and how that prediction gets better.
#ifndef TESSERA_SERVICES_PREPROCESS_ADMISSION_PICTURE_COST_H_
#define TESSERA_SERVICES_PREPROCESS_ADMISSION_PICTURE_COST_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/concurrency/mutex.h"
#include "services/preprocess/picture/header_peek.h"
#include "services/preprocess/picture/picture_options.h"

namespace tessera::preprocess {

// Pictures that cost alike per pixel and byte.
enum class CostClass { kJpeg, kProgressiveJpeg, kPng, kInterlacedPng, kWebp, kGif, kTiff, kHeif };

inline constexpr size_t kCostClasses = 8;

// Where a picture waits: quick ones are never kept waiting by slow ones alone.
enum class Lane { kQuick, kSlow };

inline constexpr std::array<Lane, 2> kLanes = {Lane::kQuick, Lane::kSlow};

// "quick" or "slow": fit for a metric label.
std::string_view LaneName(Lane lane);

struct PictureCost {
  CostClass cost_class = CostClass::kJpeg;
  Lane lane = Lane::kQuick;
  // Processor time, and time by the clock with as much else going on as lately.
  absl::Duration work;
  absl::Duration time;
  // The most memory that preparing it takes beside the file itself.
  uint64_t memory_bytes = 0;
};

// Thread-safe. Starts from what each class cost on one machine and follows what pictures really
// cost on this one.
class CostModel {
 public:
  // `file_bytes` is the size of the whole file. Takes less than a microsecond.
  PictureCost Predict(const HeaderPeek& peek, uint64_t file_bytes,
                      const PictureOptions& options) const;

  // What a picture that was prepared to the end really took: processor time, and by the clock.
  void Learn(const PictureCost& predicted, absl::Duration work, absl::Duration time);

 private:
  mutable Mutex mutex_;
  // How many times more a class costs here than where it was calibrated.
  std::array<double, kCostClasses> corrections_ ABSL_GUARDED_BY(mutex_) = {1, 1, 1, 1, 1, 1, 1, 1};
  // Time by the clock for each unit of processor time.
  double slowdown_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_ADMISSION_PICTURE_COST_H_
