// SPDX-License-Identifier: Apache-2.0
#include <span>
#include <vector>

#include "services/preprocess/picture/pixel_digest.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {

absl::Status Digest(Work& work) {
  const bool lossless = work.options.encoding == PictureEncoding::kPng;
  std::vector<std::span<const uint8_t>> blocks;
  for (const PixelBuffer& buffer : work.buffers) blocks.emplace_back(buffer.samples);
  work.result.pixel_digest = PixelDigest(work.layout, lossless ? 0 : work.options.jpeg_quality,
                                         work.result.width_px, work.result.height_px, blocks);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
