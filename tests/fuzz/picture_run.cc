// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/picture_run.h"

#include <algorithm>
#include <cstdint>

#include "common/status/error.h"
#include "services/preprocess/picture/header_peek.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/picture_preparer.h"

namespace tessera::preprocess {
namespace {

// Small, so that a run is short.
constexpr PictureLimits kLimits = {.max_file_bytes = 1 << 20, .max_pixels = 250'000};

const PicturePreparer& Preparer() {
  static const auto& preparer = *new auto(PicturePreparer::Make(kLimits).value());
  return *preparer;
}

PictureOptions OptionsFor(std::string_view file) {
  const auto last = static_cast<uint8_t>(file.empty() ? 0 : file.back());
  PictureOptions options{.max_side_px = 96};
  if ((last & 3) == 1) options.encoding = PictureEncoding::kPng;
  if ((last & 12) == 4) options.filter = ResizeFilter::kBicubic;
  if ((last & 48) == 16) options.frame = 1;
  return options;
}

std::string ComplaintAbout(const absl::Status& status) {
  if (status.ok()) return "";
  const std::string reason = ReasonOf(status);
  const bool known =
      std::find(kRefusalReasons.begin(), kRefusalReasons.end(), reason) != kRefusalReasons.end();
  return known && absl::IsInvalidArgument(status) ? "" : status.ToString();
}

}  // namespace

std::string RunPicture(std::string_view file) {
  const std::string complaint = ComplaintAbout(PeekHeader(file).status());
  if (!complaint.empty()) return complaint;
  return ComplaintAbout(Preparer().Prepare(file, OptionsFor(file), NeverCancelled).status());
}

}  // namespace tessera::preprocess
