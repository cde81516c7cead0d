// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vips/vips8>

#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/png_parts.h"
#include "tests/support/pictures/vips_start.h"

namespace tessera::testing {
namespace {

using vips::VImage;

// Runs `work` and ends the process with libvips' own words if it fails.
template <typename Work>
auto OrDie(Work work) {
  StartVipsOnce();
  try {
    return work();
  } catch (const vips::VError& error) {
    std::fprintf(stderr, "cannot encode the test picture: %s\n", error.what());
    std::abort();
  }
}

std::string TakeBytes(VipsBlob* blob) {
  size_t bytes = 0;
  const void* start = vips_blob_get(blob, &bytes);
  std::string file(static_cast<const char*>(start), bytes);
  vips_area_unref(VIPS_AREA(blob));
  return file;
}

VImage Wrap(const std::vector<uint8_t>& samples, uint32_t width, uint32_t height, int bands,
            VipsInterpretation interpretation) {
  return VImage::new_from_memory(const_cast<uint8_t*>(samples.data()), samples.size(),
                                 static_cast<int>(width), static_cast<int>(height), bands,
                                 VIPS_FORMAT_UCHAR)
      .copy_memory()
      .copy(VImage::option()->set("interpretation", interpretation));
}

void SetProfile(VImage& image, const std::string& profile) {
  if (profile.empty()) return;
  image.set(VIPS_META_ICC_NAME, nullptr, const_cast<char*>(profile.data()), profile.size());
}

VImage ToVips(const Drawing& drawing, const RasterSpec& spec) {
  VImage image =
      Wrap(drawing.rgb(), drawing.width_px(), drawing.height_px(), 3, VIPS_INTERPRETATION_sRGB);
  if (spec.gray) image = image.colourspace(VIPS_INTERPRETATION_B_W);
  if (!spec.alpha.empty()) {
    image = image.bandjoin(
        Wrap(spec.alpha, drawing.width_px(), drawing.height_px(), 1, VIPS_INTERPRETATION_B_W));
  }
  if (spec.bits_per_channel == 16) {
    const auto wide = spec.gray ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
    image = image.linear(257, 0)
                .cast(VIPS_FORMAT_USHORT)
                .copy(VImage::option()->set("interpretation", wide));
  }
  image = image.copy();
  if (spec.orientation != 0) image.set(VIPS_META_ORIENTATION, spec.orientation);
  SetProfile(image, spec.icc_profile);
  return image;
}

VipsForeignTiffCompression CompressionOf(TiffStorage storage) {
  switch (storage) {
    case TiffStorage::kPlain:
    case TiffStorage::kTiles:
      return VIPS_FOREIGN_TIFF_COMPRESSION_NONE;
    case TiffStorage::kLzw:
      return VIPS_FOREIGN_TIFF_COMPRESSION_LZW;
    case TiffStorage::kJpeg:
      return VIPS_FOREIGN_TIFF_COMPRESSION_JPEG;
    default:
      return VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE;
  }
}

std::string SaveAvif(const VImage& image, int quality, int bits) {
  return TakeBytes(image.heifsave_buffer(VImage::option()
                                             ->set("compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1)
                                             ->set("Q", quality)
                                             ->set("bitdepth", bits)
                                             ->set("effort", 0)));
}

// Frames below each other, as libvips keeps animations.
VImage Roll(const std::vector<Drawing>& frames) {
  std::vector<VImage> images;
  for (const Drawing& frame : frames) images.push_back(ToVips(frame, {}));
  VImage roll = VImage::arrayjoin(images, VImage::option()->set("across", 1)).copy();
  roll.set(VIPS_META_PAGE_HEIGHT, static_cast<int>(frames[0].height_px()));
  return roll.copy_memory();
}

Drawing FromVips(VImage image) {
  if (image.has_alpha()) image = image.flatten();
  image = image.colourspace(VIPS_INTERPRETATION_sRGB).cast(VIPS_FORMAT_UCHAR).copy_memory();
  Drawing drawing(static_cast<uint32_t>(image.width()), static_cast<uint32_t>(image.height()),
                  kBlack);
  const auto* pixel = static_cast<const uint8_t*>(image.data());
  for (uint32_t y = 0; y < drawing.height_px(); ++y) {
    for (uint32_t x = 0; x < drawing.width_px(); ++x, pixel += 3) {
      drawing.Set(x, y, {pixel[0], pixel[1], pixel[2]});
    }
  }
  return drawing;
}

// libvips writes no eXIf chunk for a picture that had none: this puts one behind the header.
std::string WithExifChunk(const std::string& png, int orientation) {
  std::string exif("MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\0\0\0\0\0\0\0", 26);
  exif[19] = static_cast<char>(orientation);
  return WithPngChunk(png, PngChunkBytes("eXIf", exif));
}

}  // namespace

std::string EncodePng(const Drawing& drawing, const PngSpec& spec) {
  return OrDie([&] {
    vips::VOption* options =
        VImage::option()->set("interlace", spec.interlaced)->set("compression", 3);
    options->set("filter",
                 spec.filtered ? VIPS_FOREIGN_PNG_FILTER_ALL : VIPS_FOREIGN_PNG_FILTER_NONE);
    if (spec.palette_bits != 0) options->set("palette", true)->set("bitdepth", spec.palette_bits);
    RasterSpec pixels = spec;
    pixels.orientation = 0;
    const std::string file = TakeBytes(ToVips(drawing, pixels).pngsave_buffer(options));
    return spec.orientation == 0 ? file : WithExifChunk(file, spec.orientation);
  });
}

std::string EncodeWebp(const Drawing& drawing, const RasterSpec& spec, int quality, bool lossless) {
  return OrDie([&] {
    return TakeBytes(
        ToVips(drawing, spec)
            .webpsave_buffer(VImage::option()->set("Q", quality)->set("lossless", lossless)));
  });
}

std::string EncodeTiff(const Drawing& drawing, const RasterSpec& spec, TiffStorage storage) {
  return OrDie([&] {
    vips::VOption* options = VImage::option()
                                 ->set("compression", CompressionOf(storage))
                                 ->set("Q", 95)
                                 ->set("tile", storage == TiffStorage::kTiles)
                                 ->set("bigtiff", storage == TiffStorage::kBig);
    return TakeBytes(ToVips(drawing, spec).tiffsave_buffer(options));
  });
}

std::string EncodeBilevelTiff(const Drawing& drawing) {
  return OrDie([&] {
    const VImage gray = ToVips(drawing, {}).colourspace(VIPS_INTERPRETATION_B_W);
    return TakeBytes(
        (gray > 127)
            .tiffsave_buffer(VImage::option()
                                 ->set("bitdepth", 1)
                                 ->set("compression", VIPS_FOREIGN_TIFF_COMPRESSION_CCITTFAX4)));
  });
}

std::string EncodeCmykTiff(const Inks& inks, const std::string& icc_profile) {
  return OrDie([&] {
    VImage image = Wrap(inks.cmyk, inks.width_px, inks.height_px, 4, VIPS_INTERPRETATION_CMYK);
    SetProfile(image, icc_profile);
    return TakeBytes(image.tiffsave_buffer());
  });
}

std::string EncodeCmykTiff(const Drawing& drawing) {
  Inks inks{drawing.width_px(), drawing.height_px(), {}};
  for (size_t i = 0; i < drawing.rgb().size(); i += 3) {
    for (size_t c = 0; c < 3; ++c) {
      inks.cmyk.push_back(static_cast<uint8_t>(255 - drawing.rgb()[i + c]));
    }
    inks.cmyk.push_back(0);
  }
  return EncodeCmykTiff(inks);
}

std::string EncodeAvif(const Drawing& drawing, const RasterSpec& spec, int quality) {
  return OrDie([&] {
    RasterSpec pixels = spec;
    if (spec.bits_per_channel > 8) pixels.bits_per_channel = 16;
    return SaveAvif(ToVips(drawing, pixels), quality, spec.bits_per_channel);
  });
}

std::string EncodeGif(const Drawing& drawing) {
  return OrDie([&] { return TakeBytes(ToVips(drawing, {}).gifsave_buffer()); });
}

std::string EncodeAnimatedGif(const std::vector<Drawing>& frames) {
  return OrDie([&] { return TakeBytes(Roll(frames).gifsave_buffer()); });
}

std::string EncodeAnimatedWebp(const std::vector<Drawing>& frames) {
  return OrDie([&] {
    return TakeBytes(Roll(frames).webpsave_buffer(VImage::option()->set("lossless", true)));
  });
}

std::string EncodeMultiPageAvif(const std::vector<Drawing>& pages) {
  return OrDie([&] { return SaveAvif(Roll(pages), 90, 8); });
}

std::string EncodeMultiPageTiff(const std::vector<Drawing>& pages) {
  return OrDie([&] { return TakeBytes(Roll(pages).tiffsave_buffer()); });
}

bool CanEncodeHeic() {
  StartVipsOnce();
  try {
    EncodeHeic(Drawing(64, 64, kWhite));
    return true;
  } catch (const vips::VError&) {
    vips_error_clear();
    return false;
  }
}

std::string EncodeHeic(const Drawing& drawing, int quality) {
  StartVipsOnce();
  return TakeBytes(ToVips(drawing, {})
                       .heifsave_buffer(VImage::option()
                                            ->set("compression", VIPS_FOREIGN_HEIF_COMPRESSION_HEVC)
                                            ->set("Q", quality)
                                            ->set("bitdepth", 8)
                                            ->set("effort", 0)));
}

Drawing Decode(const std::string& file) {
  return OrDie([&] { return FromVips(VImage::new_from_buffer(file.data(), file.size(), "")); });
}

Drawing ThumbnailByLibvips(const std::string& file, uint32_t max_side_px) {
  return OrDie([&] {
    const std::unique_ptr<VipsBlob, void (*)(VipsBlob*)> blob(
        vips_blob_new(nullptr, file.data(), file.size()),
        [](VipsBlob* b) { vips_area_unref(VIPS_AREA(b)); });
    const int side = static_cast<int>(max_side_px);
    return FromVips(VImage::thumbnail_buffer(
        blob.get(), side, VImage::option()->set("height", side)->set("size", VIPS_SIZE_DOWN)));
  });
}

}  // namespace tessera::testing
