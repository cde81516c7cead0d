// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vips/vips8>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/jpeg/jpeg_encoder.h"
#include "services/preprocess/picture/sizing/engine_rule.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

struct BlobDeleter {
  void operator()(VipsBlob* blob) const { vips_area_unref(VIPS_AREA(blob)); }
};

std::string EncodePng(PixelBuffer& pixels) {
  const vips::VImage image =
      vips::VImage::new_from_memory(pixels.samples.data(), pixels.samples.size(),
                                    static_cast<int>(pixels.width_px),
                                    static_cast<int>(pixels.height_px), 3, VIPS_FORMAT_UCHAR)
          .copy(vips::VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
  const std::unique_ptr<VipsBlob, BlobDeleter> blob(
      image.pngsave_buffer(vips::VImage::option()->set("compression", 2)->set("strip", true)));
  size_t bytes = 0;
  const void* encoded = vips_blob_get(blob.get(), &bytes);
  return {static_cast<const char*>(encoded), bytes};
}

}  // namespace

absl::Status Encode(Work& work) {
  PreparedPicture& result = work.result;
  result.prompt_tokens = PredictPromptTokens({result.width_px, result.height_px});
  if (work.options.tensor) {
    result.tensor = work.options.tensor;
    result.pixels = std::move(work.buffers[0]);
    return absl::OkStatus();
  }
  const int quality = static_cast<int>(work.options.jpeg_quality);
  if (work.layout == SampleLayout::kYcbcrPlanar) {
    TESSERA_ASSIGN_OR_RETURN(result.bytes, EncodeJpegPlanes(work.buffers, quality));
  } else if (work.options.encoding == PictureEncoding::kJpeg) {
    TESSERA_ASSIGN_OR_RETURN(result.bytes, EncodeJpegRgb(work.buffers[0], quality));
  } else {
    result.bytes = EncodePng(work.buffers[0]);
  }
  result.encoding = work.options.encoding;
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
