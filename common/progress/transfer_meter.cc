// SPDX-License-Identifier: Apache-2.0
#include "common/progress/transfer_meter.h"

#include <algorithm>

namespace tessera {
namespace {
constexpr absl::Duration kWindow = absl::Seconds(5);
// Samples closer than this add nothing but memory.
constexpr absl::Duration kSpacing = absl::Milliseconds(50);
// A rate over less is noise.
constexpr absl::Duration kShortest = absl::Milliseconds(200);
}  // namespace

void TransferMeter::Update(uint64_t done, uint64_t total, absl::Time now) {
  total_ = total;
  if (!samples_.empty() && done < samples_.back().done) samples_.clear();
  // The newest sample is moved along until it is far enough from the one before it.
  if (samples_.size() >= 2 && samples_.back().at - samples_[samples_.size() - 2].at < kSpacing) {
    samples_.back() = {now, done};
  } else {
    samples_.push_back({now, done});
  }
  while (samples_.size() > 2 && now - samples_[1].at > kWindow) samples_.pop_front();
}

void TransferMeter::Reset() {
  samples_.clear();
  total_ = 0;
}

double TransferMeter::rate() const {
  if (samples_.size() < 2) return 0;
  const absl::Duration span = samples_.back().at - samples_.front().at;
  if (span < kShortest) return 0;
  return static_cast<double>(samples_.back().done - samples_.front().done) /
         absl::ToDoubleSeconds(span);
}

std::optional<absl::Duration> TransferMeter::time_left() const {
  const double units_per_second = rate();
  if (units_per_second <= 0 || total_ == 0) return std::nullopt;
  const uint64_t done = samples_.back().done;
  return absl::Seconds(static_cast<double>(total_ - std::min(total_, done)) / units_per_second);
}

}  // namespace tessera
