// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/admission/picture_cost.h"

#include <algorithm>

#include "services/preprocess/picture/sizing/size_plan.h"

namespace tessera::preprocess {
namespace {

constexpr double kMega = 1e6;

// Milliseconds of processor time for every picture, megapixel and megabyte of file; bytes of memory
// for every pixel of it and for every pixel of one row.
struct Coefficients {
  double ms;
  double ms_per_megapixel;
  double ms_per_megabyte;
  double bytes_per_pixel;
  double bytes_per_column;
};

// By least squares over pictures of 0.3 to 50 megapixels (docs/preprocessing.md has the table).
constexpr std::array<Coefficients, kCostClasses> kCoefficients = {{
    {0.4, 0.7, 8.0, 0, 300},    // Baseline JPEG.
    {0.6, 3.0, 25.0, 0, 300},   // Progressive JPEG; its memory follows from its samples.
    {0.4, 4.0, 3.0, 0, 300},    // PNG.
    {0.4, 18.0, 10.0, 8, 300},  // Interlaced PNG.
    {0.5, 9.0, 10.0, 4, 300},   // WebP.
    {0.5, 4.0, 8.0, 9, 300},    // GIF.
    {0.5, 5.0, 3.0, 4, 300},    // TIFF.
    {2.0, 18.0, 30.0, 9, 300},  // AVIF and HEIC.
}};

// Resampling and encoding one megapixel of result.
constexpr double kMsPerMegapixelOut = 7;
// Samples, a second copy while they are turned or padded, and the encoded picture.
constexpr double kBytesPerPixelOut = 8;
// Of a progressive JPEG every coefficient is held; there is one for each sample.
constexpr double kBytesPerCoefficient = 2;
constexpr uint64_t kBytesAlways = 512 << 10;

// What takes longer, by the calibration, waits in the slow lane: a baseline JPEG of 20 megapixels
// does not, a progressive one of 12 does.
constexpr double kQuickMs = 50;

// Assumed of a header that does not tell its sides: most pictures are smaller.
constexpr uint64_t kUnknownPixels = 12'000'000;

// Weight of the newest picture: about the last ten count.
constexpr double kNewestWeight = 0.1;
constexpr double kMaxCorrection = 16;

CostClass ClassOf(const HeaderPeek& peek) {
  switch (peek.format) {
    case PictureFormat::kJpeg:
      return peek.progressive ? CostClass::kProgressiveJpeg : CostClass::kJpeg;
    case PictureFormat::kPng:
      return peek.progressive ? CostClass::kInterlacedPng : CostClass::kPng;
    case PictureFormat::kWebp:
      return CostClass::kWebp;
    case PictureFormat::kGif:
      return CostClass::kGif;
    case PictureFormat::kTiff:
      return CostClass::kTiff;
    case PictureFormat::kAvif:
    case PictureFormat::kHeic:
      return CostClass::kHeif;
  }
  return CostClass::kJpeg;
}

double ResultPixels(const HeaderPeek& peek, const PictureOptions& options) {
  const OutputSize sides =
      peek.Pixels() != 0 ? OutputSize{peek.width_px, peek.height_px} : OutputSize{4000, 3000};
  const SizePlan plan = PlanSize(sides, options.size, options.max_side_px);
  return static_cast<double>(plan.canvas.width_px) * plan.canvas.height_px;
}

}  // namespace

std::string_view LaneName(Lane lane) { return lane == Lane::kQuick ? "quick" : "slow"; }

PictureCost CostModel::Predict(const HeaderPeek& peek, uint64_t file_bytes,
                               const PictureOptions& options) const {
  PictureCost cost{.cost_class = ClassOf(peek)};
  const auto index = static_cast<size_t>(cost.cost_class);
  const Coefficients& of = kCoefficients[index];
  const auto pixels = static_cast<double>(peek.Pixels() != 0 ? peek.Pixels() : kUnknownPixels);
  // Every frame before the one asked for has to be decoded as well.
  const bool chained = peek.format == PictureFormat::kGif || peek.format == PictureFormat::kWebp;
  const double frames = chained ? options.frame + 1.0 : 1;
  const double pixels_out = ResultPixels(peek, options);
  const double ms = of.ms + of.ms_per_megapixel * pixels * frames / kMega +
                    of.ms_per_megabyte * static_cast<double>(file_bytes) / kMega +
                    kMsPerMegapixelOut * pixels_out / kMega;
  cost.lane = ms <= kQuickMs ? Lane::kQuick : Lane::kSlow;
  const double bytes_per_pixel = cost.cost_class == CostClass::kProgressiveJpeg
                                     ? kBytesPerCoefficient * peek.samples_per_pixel
                                     : of.bytes_per_pixel;
  cost.memory_bytes = kBytesAlways + static_cast<uint64_t>(bytes_per_pixel * pixels +
                                                           of.bytes_per_column * peek.width_px +
                                                           kBytesPerPixelOut * pixels_out);
  MutexLock lock(&mutex_);
  cost.work = absl::Milliseconds(ms * corrections_[index]);
  cost.time = cost.work * slowdown_;
  return cost;
}

void CostModel::Learn(const PictureCost& predicted, absl::Duration work, absl::Duration time) {
  if (work <= absl::ZeroDuration() || predicted.work <= absl::ZeroDuration()) return;
  const auto moved = [](double from, double to) { return from + kNewestWeight * (to - from); };
  MutexLock lock(&mutex_);
  double& correction = corrections_[static_cast<size_t>(predicted.cost_class)];
  // One odd picture moves the prediction by a bounded step.
  const double ratio = std::clamp(absl::FDivDuration(work, predicted.work), 0.1, kMaxCorrection);
  correction =
      std::clamp(moved(correction, correction * ratio), 1 / kMaxCorrection, kMaxCorrection);
  slowdown_ = std::clamp(moved(slowdown_, absl::FDivDuration(time, work)), 1.0, kMaxCorrection);
}

}  // namespace tessera::preprocess
