// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vips/vips8>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/jpeg/jpeg_encoder.h"
#include "services/preprocess/picture/prompt_tokens.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {
namespace {

struct BlobDeleter {
  void operator()(VipsBlob* blob) const { vips_area_unref(VIPS_AREA(blob)); }
};

VipsBlob* SaveWithVips(const vips::VImage& image, const PictureOptions& options) {
  if (options.encoding == PictureEncoding::kPng) {
    return image.pngsave_buffer(vips::VImage::option()->set("compression", 2)->set("strip", true));
  }
  return image.jpegsave_buffer(vips::VImage::option()
                                   ->set("Q", static_cast<int>(options.jpeg_quality))
                                   ->set("subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF)
                                   ->set("strip", true));
}

std::string EncodeRgb(PixelBuffer& pixels, const PictureOptions& options) {
  const vips::VImage image =
      vips::VImage::new_from_memory(pixels.samples.data(), pixels.samples.size(),
                                    static_cast<int>(pixels.width_px),
                                    static_cast<int>(pixels.height_px), 3, VIPS_FORMAT_UCHAR)
          .copy(vips::VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
  const std::unique_ptr<VipsBlob, BlobDeleter> blob(SaveWithVips(image, options));
  size_t bytes = 0;
  const void* encoded = vips_blob_get(blob.get(), &bytes);
  return {static_cast<const char*>(encoded), bytes};
}

}  // namespace

absl::Status Encode(Work& work) {
  PreparedPicture& result = work.result;
  if (work.layout == SampleLayout::kYcbcrPlanar) {
    TESSERA_ASSIGN_OR_RETURN(
        result.bytes, EncodeJpegPlanes(work.buffers, static_cast<int>(work.options.jpeg_quality)));
  } else {
    result.bytes = EncodeRgb(work.buffers[0], work.options);
  }
  result.encoding = work.options.encoding;
  result.prompt_tokens = PredictPromptTokens(result.width_px, result.height_px);
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
