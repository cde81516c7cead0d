// SPDX-License-Identifier: Apache-2.0
//
// Drawings as files, in every form a caller may send. Encoders fail a test by ending the process:
// nothing here can fail on a machine that can build the product, except HEIC (see CanEncodeHeic).
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_ENCODING_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_ENCODING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/pictures/drawing.h"

namespace tessera::testing {

enum class JpegColor {
  kYcbcr,         // What cameras write.
  kGray,          // One component.
  kRgb,           // RGB stored as it is, marked by Adobe's marker.
  kCmyk,          // Inks C = 255 - R and so on, K = 0, stored inverted as everybody does since
                  // Photoshop, with Adobe's marker.
  kCmykUnmarked,  // The same without the marker.
  kYcck,          // The same as YCCK, with the marker.
};

enum class Subsampling { k444, k422, k420, k440, k411, k410 };

struct JpegSpec {
  int quality = 90;
  Subsampling subsampling = Subsampling::k420;
  JpegColor color = JpegColor::kYcbcr;
  bool progressive = false;
  bool optimize = false;
  int restart_rows = 0;  // Rows of MCUs between restart markers; 0 for none.
  int orientation = 0;   // EXIF orientation; 0 writes no EXIF.
  std::string icc_profile;
};

std::string EncodeJpeg(const Drawing& drawing, const JpegSpec& spec = {});

// Printing inks, four bytes per pixel, 0 no ink to 255 all of it.
struct Inks {
  uint32_t width_px = 0;
  uint32_t height_px = 0;
  std::vector<uint8_t> cmyk;
};

// Stored inverted, with Adobe's marker. `spec.color` is not looked at.
std::string EncodeCmykJpeg(const Inks& inks, const JpegSpec& spec = {});
std::string EncodeCmykTiff(const Inks& inks, const std::string& icc_profile = "");

// What PNG, WebP, GIF, TIFF, AVIF and HEIC have in common.
struct RasterSpec {
  // One value per pixel, 0 transparent to 255 opaque; empty for no alpha.
  std::vector<uint8_t> alpha;
  bool gray = false;
  int bits_per_channel = 8;  // 8 or 16 (PNG, TIFF), 8 or 12 (AVIF).
  int orientation = 0;       // 0 writes none.
  std::string icc_profile;
};

struct PngSpec : RasterSpec {
  bool interlaced = false;
  int palette_bits = 0;  // 1, 2, 4 or 8 for a palette; 0 for none.
  // Every row stored with the filter that suits it best, as most programs do; else all with none.
  bool filtered = false;
};

std::string EncodePng(const Drawing& drawing, const PngSpec& spec = {});
std::string EncodeWebp(const Drawing& drawing, const RasterSpec& spec = {}, int quality = 90,
                       bool lossless = false);

enum class TiffStorage { kDeflate, kPlain, kLzw, kJpeg, kTiles, kBig };

std::string EncodeTiff(const Drawing& drawing, const RasterSpec& spec = {},
                       TiffStorage storage = TiffStorage::kDeflate);
// Black where the drawing is dark, white elsewhere: one bit a pixel, as fax machines store it.
std::string EncodeBilevelTiff(const Drawing& drawing);
std::string EncodeCmykTiff(const Drawing& drawing);  // C = 255 - R and so on, K = 0.
std::string EncodeAvif(const Drawing& drawing, const RasterSpec& spec = {}, int quality = 90);
std::string EncodeGif(const Drawing& drawing);

// All frames must be of one size.
std::string EncodeAnimatedGif(const std::vector<Drawing>& frames);
std::string EncodeAnimatedWebp(const std::vector<Drawing>& frames);
std::string EncodeMultiPageTiff(const std::vector<Drawing>& pages);
std::string EncodeMultiPageAvif(const std::vector<Drawing>& pages);

// Whether an HEVC encoder is installed.
bool CanEncodeHeic();
std::string EncodeHeic(const Drawing& drawing, int quality = 90);

// An uncompressed 24-bit BMP: a format that is not accepted.
std::string EncodeBmp(const Drawing& drawing);

// An encoded picture as pixels again, 8-bit RGB, as a plain viewer shows it: no orientation
// applied. For looking at results.
Drawing Decode(const std::string& file);

// What libvips' own thumbnailer makes of a file, at most `max_side_px` on the long side: the same
// rule for shrinking while decoding as sharp's careful mode.
Drawing ThumbnailByLibvips(const std::string& file, uint32_t max_side_px);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_ENCODING_H_
