// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/picture_limits.h"

#include <fmt/format.h>

#include "common/status/error.h"

namespace tessera::preprocess {
namespace {

absl::Status InRange(std::string_view field, uint64_t value, uint64_t low, uint64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidField(field, fmt::format("is {}, but must be {} to {}", value, low, high));
}

}  // namespace

absl::Status Validate(const PictureLimits& limits) {
  absl::Status status = InRange("max_file_bytes", limits.max_file_bytes, 1 << 10, 256ull << 20);
  if (status.ok()) status = InRange("max_pixels", limits.max_pixels, 1, 500'000'000);
  if (status.ok()) status = InRange("max_aspect_ratio", limits.max_aspect_ratio, 1, 200);
  return status;
}

}  // namespace tessera::preprocess
