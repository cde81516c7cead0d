// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/steps/vips_loader.h"

#include <memory>

namespace tessera::preprocess {
namespace {

struct BlobDeleter {
  void operator()(VipsBlob* blob) const { vips_area_unref(VIPS_AREA(blob)); }
};

}  // namespace

vips::VImage OpenWithVips(std::string_view file, const LoadRequest& request) {
  // Without a free function the blob only points at the caller's bytes.
  const std::unique_ptr<VipsBlob, BlobDeleter> blob(
      vips_blob_new(nullptr, file.data(), file.size()));
  vips::VOption* options = vips::VImage::option()
                               ->set("access", VIPS_ACCESS_SEQUENTIAL)
                               ->set("fail_on", VIPS_FAIL_ON_TRUNCATED);
  const int page = static_cast<int>(request.frame);
  switch (request.format) {
    case PictureFormat::kJpeg:
      return vips::VImage::jpegload_buffer(blob.get(), options->set("shrink", request.shrink));
    case PictureFormat::kPng:
      return vips::VImage::pngload_buffer(blob.get(), options);
    case PictureFormat::kWebp:
      return vips::VImage::webpload_buffer(blob.get(), options->set("page", page));
    case PictureFormat::kGif:
      return vips::VImage::gifload_buffer(blob.get(), options->set("page", page));
    case PictureFormat::kTiff:
      return vips::VImage::tiffload_buffer(blob.get(), options->set("page", page));
    case PictureFormat::kAvif:
    case PictureFormat::kHeic:
      // Left alone, the loader takes the picture that the file calls its primary one.
      if (page > 0) options->set("page", page);
      return vips::VImage::heifload_buffer(blob.get(), options);
  }
  throw vips::VError("no loader");
}

}  // namespace tessera::preprocess
