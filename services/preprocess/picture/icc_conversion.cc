// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/icc_conversion.h"

#include <lcms2.h>

#include <algorithm>
#include <list>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "services/preprocess/picture/byte_reader.h"
#include "services/preprocess/picture/icc_profile.h"

namespace tessera::preprocess {
namespace {

constexpr size_t kTagTable = 128;
constexpr uint64_t kMaxTags = 200;

struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Profile = std::unique_ptr<void, CloseProfile>;
using ColorTransform = std::unique_ptr<void, DeleteTransform>;

cmsUInt32Number SampleType(const ProfiledPixels& pixels) {
  const bool deep = pixels.bits_per_channel == 16;
  switch (pixels.color_space) {
    case ColorSpace::kGray:
      return deep ? TYPE_GRAY_16 : TYPE_GRAY_8;
    case ColorSpace::kRgb:
      return deep ? TYPE_RGB_16 : TYPE_RGB_8;
    case ColorSpace::kCmyk:
      return deep ? TYPE_CMYK_16 : TYPE_CMYK_8;
    default:
      return 0;
  }
}

// Renames the tags of one kind: chains of any length of floating-point steps, which a few kilobytes
// can make take minutes. Every profile has tables or matrices for viewers that do not know them.
std::string WithoutFloatingPointChains(std::string_view profile) {
  std::string tame(profile);
  const uint64_t tags = ReadBigEndian(profile, kTagTable, 4).value_or(0);
  for (uint64_t i = 0; i < tags && i < kMaxTags; ++i) {
    const size_t at = kTagTable + 4 + i * 12;
    if (profile.size() < at + 12) break;
    if (profile.substr(at, 3) == "D2B" || profile.substr(at, 3) == "B2D") tame[at] = 'x';
  }
  return tame;
}

// Safe for several threads at once: it keeps no pixel it has seen before.
ColorTransform MakeTransform(std::string_view profile, cmsUInt32Number sample_type) {
  const std::string tame = WithoutFloatingPointChains(profile);
  const Profile from(cmsOpenProfileFromMem(tame.data(), static_cast<cmsUInt32Number>(tame.size())));
  const Profile to(cmsCreate_sRGBProfile());
  if (from == nullptr || to == nullptr) return nullptr;
  return ColorTransform(cmsCreateTransform(from.get(), sample_type, to.get(), TYPE_RGB_8,
                                           INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE));
}

// The transforms made last. Making one takes milliseconds, and all pictures of a camera bring the
// same profile.
class TransformCache {
 public:
  std::shared_ptr<void> Get(std::string_view profile, cmsUInt32Number sample_type) {
    if (auto found = Find(profile, sample_type)) return found;
    // Made outside the lock; two threads may do it at once, which is only waste.
    ColorTransform made = MakeTransform(profile, sample_type);
    if (made == nullptr) return nullptr;
    const std::shared_ptr<void> shared(std::move(made));
    if (profile.size() > kMaxCachedProfileBytes) return shared;
    const absl::MutexLock lock(&mutex_);
    recent_.push_front({std::string(profile), sample_type, shared});
    if (recent_.size() > kMaxEntries) recent_.pop_back();
    return shared;
  }

 private:
  struct Entry {
    std::string profile;
    cmsUInt32Number sample_type;
    std::shared_ptr<void> transform;
  };

  static constexpr size_t kMaxEntries = 16;
  // Those of presses are larger, and rare.
  static constexpr size_t kMaxCachedProfileBytes = 64 << 10;

  std::shared_ptr<void> Find(std::string_view profile, cmsUInt32Number sample_type) {
    const absl::MutexLock lock(&mutex_);
    const auto found = std::find_if(recent_.begin(), recent_.end(), [&](const Entry& entry) {
      return entry.sample_type == sample_type && entry.profile == profile;
    });
    if (found == recent_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found);
    return found->transform;
  }

  absl::Mutex mutex_;
  std::list<Entry> recent_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::optional<std::vector<uint8_t>> ConvertByProfile(std::string_view profile,
                                                     const ProfiledPixels& pixels) {
  static TransformCache& cache = *new TransformCache;
  const cmsUInt32Number sample_type = SampleType(pixels);
  if (sample_type == 0 || IccColorSpace(profile) != pixels.color_space) return std::nullopt;
  const std::shared_ptr<void> transform = cache.Get(profile, sample_type);
  if (transform == nullptr) return std::nullopt;
  std::vector<uint8_t> rgb(pixels.count * 3);
  cmsDoTransform(transform.get(), pixels.samples, rgb.data(),
                 static_cast<cmsUInt32Number>(pixels.count));
  return rgb;
}

}  // namespace tessera::preprocess
