// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer over everything that reads a picture file. A run that ends the process, reads what is
// not there or takes two seconds is a finding; so is a refusal without a typed reason.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

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

// Which way through the pipeline follows from the file, so that a file is all of a finding.
PictureOptions OptionsFor(std::string_view file) {
  const auto last = static_cast<uint8_t>(file.empty() ? 0 : file.back());
  PictureOptions options{.max_side_px = 96};
  if ((last & 3) == 1) options.encoding = PictureEncoding::kPng;
  if ((last & 12) == 4) options.filter = ResizeFilter::kBicubic;
  if ((last & 48) == 16) options.frame = 1;
  return options;
}

void Expect(const absl::Status& status) {
  if (status.ok()) return;
  const std::string reason = ReasonOf(status);
  const bool known =
      std::find(kRefusalReasons.begin(), kRefusalReasons.end(), reason) != kRefusalReasons.end();
  if (known && absl::IsInvalidArgument(status)) return;
  std::fprintf(stderr, "refused as %s: %s\n", reason.c_str(), status.ToString().c_str());
  std::abort();
}

void Run(std::string_view file) {
  const auto peek = PeekHeader(file);
  Expect(peek.status());
  Expect(Preparer().Prepare(file, OptionsFor(file), NeverCancelled).status());
}

}  // namespace
}  // namespace tessera::preprocess

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tessera::preprocess::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
