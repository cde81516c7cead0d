// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/lanczos_weights.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <numbers>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tessera::preprocess {
namespace {

constexpr double kLobes = 3;

double Lanczos(double x) {
  x = std::abs(x);
  if (x >= kLobes) return 0;
  if (x < 1e-9) return 1;
  const double t = std::numbers::pi * x;
  return kLobes * std::sin(t) * std::sin(t / kLobes) / (t * t);
}

double Bicubic(double x) {
  constexpr double kA = -0.5;
  x = std::abs(x);
  if (x >= 2) return 0;
  if (x < 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  return (((x - 5) * x + 8) * x - 4) * kA;
}

struct FilterShape {
  double radius;
  double (*weight)(double x);
};

FilterShape ShapeOf(ResizeFilter filter) {
  if (filter == ResizeFilter::kBicubic) return {2, Bicubic};
  return {kLobes, Lanczos};
}

// The weights of one target sample before rounding: `values` for the samples from `first` on.
struct Taps {
  int64_t first = 0;
  std::vector<double> values;
};

Taps FilterTaps(const FilterShape& shape, double extent, int64_t samples, uint32_t targets,
                uint32_t target) {
  const double scale = extent / targets;
  const double stretch = std::max(scale, 1.0);
  const double center = (target + 0.5) * scale;
  const auto low =
      std::max<int64_t>(0, std::llround(std::floor(center - shape.radius * stretch + 0.5)));
  const auto high =
      std::min<int64_t>(samples, std::llround(std::floor(center + shape.radius * stretch + 0.5)));
  Taps taps{low, {}};
  for (int64_t i = low; i < high; ++i) {
    taps.values.push_back(shape.weight((static_cast<double>(i) + 0.5 - center) / stretch));
  }
  return taps;
}

// Re-expresses taps over doubled samples as taps over the samples themselves: doubled sample 2i
// is 3/4 of sample i and 1/4 of its left neighbour, 2i + 1 has the right one; edges repeat.
Taps OverHalfDensity(const Taps& doubled, int64_t samples) {
  const auto clamp = [samples](int64_t i) { return std::clamp<int64_t>(i, 0, samples - 1); };
  const auto last = doubled.first + static_cast<int64_t>(doubled.values.size()) - 1;
  Taps taps{clamp(doubled.first / 2 - 1), {}};
  taps.values.resize(static_cast<size_t>(clamp(last / 2 + 1) - taps.first + 1));
  for (size_t k = 0; k < doubled.values.size(); ++k) {
    const int64_t at = doubled.first + static_cast<int64_t>(k);
    const int64_t near = clamp(at / 2);
    const int64_t far = clamp(at % 2 == 0 ? at / 2 - 1 : at / 2 + 1);
    taps.values[static_cast<size_t>(near - taps.first)] += 0.75 * doubled.values[k];
    taps.values[static_cast<size_t>(far - taps.first)] += 0.25 * doubled.values[k];
  }
  return taps;
}

Taps TapsFor(const ResampleSpan& span, uint32_t target) {
  const int64_t samples = span.source_samples;
  const FilterShape shape = ShapeOf(span.filter);
  if (!span.half_density) {
    if (span.source_extent == span.target_samples) return {target, {1.0}};
    return FilterTaps(shape, span.source_extent, samples, span.target_samples, target);
  }
  const double extent = 2 * span.source_extent;
  if (extent == span.target_samples) return OverHalfDensity({target, {1.0}}, samples);
  // Of an odd side there is half a sample more than the picture covers: it does not count.
  const int64_t doubled = std::min<int64_t>(2 * samples, std::llround(std::ceil(extent)));
  return OverHalfDensity(FilterTaps(shape, extent, doubled, span.target_samples, target), samples);
}

// full = gain * (video - low) + base.
struct Stretch {
  double gain = 1;
  double low = 0;
  double base = 0;
};

Stretch StretchOf(SampleRange range) {
  switch (range) {
    case SampleRange::kVideoLuma:
      return {255.0 / 219, 16, 0};
    case SampleRange::kVideoChroma:
      return {255.0 / 224, 128, 128};
    case SampleRange::kFull:
      break;
  }
  return {};
}

// Rounds so that the sum is `total`; what is missing goes to the largest weight, where it shows
// least.
std::vector<int16_t> Rounded(const std::vector<double>& values, int total) {
  double sum = 0;
  for (double value : values) sum += value;
  std::vector<int16_t> rounded;
  int missing = total;
  for (double value : values) {
    rounded.push_back(static_cast<int16_t>(std::lround(value / sum * total)));
    missing -= rounded.back();
  }
  *std::max_element(rounded.begin(), rounded.end()) += static_cast<int16_t>(missing);
  return rounded;
}

class WeightCache {
 public:
  std::shared_ptr<const ResampleWeights> Get(const ResampleSpan& span) {
    if (auto found = Find(span)) return found;
    // Computed outside the lock; two threads may do it at once, which is only waste.
    auto made = std::make_shared<const ResampleWeights>(MakeLanczosWeights(span));
    const absl::MutexLock lock(&mutex_);
    recent_.emplace_front(span, made);
    if (recent_.size() > kMaxEntries) recent_.pop_back();
    return made;
  }

 private:
  // A picture needs up to four; the tables are about 30 KB each.
  static constexpr size_t kMaxEntries = 64;

  std::shared_ptr<const ResampleWeights> Find(const ResampleSpan& span) {
    const absl::MutexLock lock(&mutex_);
    const auto found = std::find_if(recent_.begin(), recent_.end(),
                                    [&](const auto& entry) { return entry.first == span; });
    if (found == recent_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found);
    return found->second;
  }

  absl::Mutex mutex_;
  std::list<std::pair<ResampleSpan, std::shared_ptr<const ResampleWeights>>> recent_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace

ResampleWeights MakeLanczosWeights(const ResampleSpan& span) {
  std::vector<std::vector<int16_t>> rows;
  ResampleWeights made;
  const Stretch stretch = StretchOf(span.range);
  const auto total = static_cast<int>(std::lround(stretch.gain * (1 << kWeightBits)));
  made.bias = static_cast<int32_t>(
      std::lround(64 * (stretch.base * (1 << kWeightBits) - stretch.low * total)));
  for (uint32_t target = 0; target < span.target_samples; ++target) {
    const Taps taps = TapsFor(span, target);
    rows.push_back(Rounded(taps.values, total));
    made.first.push_back(static_cast<uint32_t>(taps.first));
    made.taps.push_back(static_cast<uint32_t>(taps.values.size()));
    made.max_taps = std::max(made.max_taps, made.taps.back());
  }
  made.stride = (made.max_taps + 15) / 16 * 16;
  made.weights.resize(size_t{made.stride} * span.target_samples);
  for (size_t target = 0; target < rows.size(); ++target) {
    std::copy(rows[target].begin(), rows[target].end(),
              made.weights.begin() + static_cast<std::ptrdiff_t>(target * made.stride));
  }
  return made;
}

std::shared_ptr<const ResampleWeights> CachedLanczosWeights(const ResampleSpan& span) {
  static WeightCache& cache = *new WeightCache;
  return cache.Get(span);
}

}  // namespace tessera::preprocess
