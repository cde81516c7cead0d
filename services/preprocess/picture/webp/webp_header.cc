// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/webp/webp_header.h"

#include <webp/decode.h>

#include "services/preprocess/picture/byte_reader.h"
#include "services/preprocess/picture/exif_orientation.h"

namespace tessera::preprocess {
namespace {

constexpr size_t kFirstChunk = 12;
constexpr int kLossless = 2;
// There are seven kinds, each once but for unknown ones.
constexpr int kMaxChunks = 1000;

// Profile and orientation lie around the pixels, each in a chunk of its own: four letters, a
// length, the content, and a byte to make it even.
void ReadExtras(std::string_view file, WebpHeader& header) {
  size_t at = kFirstChunk;
  for (int i = 0; i < kMaxChunks; ++i) {
    const auto bytes = ReadLittleEndian(file, at + 4, 4);
    if (!bytes) return;
    const std::string_view name = file.substr(at, 4);
    const std::string_view content = file.substr(at + 8, *bytes);
    if (content.size() < *bytes) return;
    if (name == "ICCP") header.icc_profile = content;
    if (name == "EXIF") header.orientation = ReadExifOrientation(content);
    at += 8 + *bytes + *bytes % 2;
  }
}

}  // namespace

std::optional<WebpHeader> ReadStillWebpHeader(std::string_view file) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(reinterpret_cast<const uint8_t*>(file.data()), file.size(), &features) !=
          VP8_STATUS_OK ||
      features.has_animation != 0 || features.width < 1 || features.height < 1) {
    return std::nullopt;
  }
  WebpHeader header{.width_px = static_cast<uint32_t>(features.width),
                    .height_px = static_cast<uint32_t>(features.height),
                    .has_alpha = features.has_alpha != 0,
                    .lossless = features.format == kLossless};
  if (file.substr(kFirstChunk, 4) == "VP8X") ReadExtras(file, header);
  return header;
}

}  // namespace tessera::preprocess
