// SPDX-License-Identifier: Apache-2.0
//
// Formats other than JPEG against a full decode and a double-precision Lanczos.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/reference_resize.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

Drawing AsSent(const Drawing& pixels) {
  return Decode(EncodeJpeg(pixels, {.quality = 92, .subsampling = Subsampling::k444}));
}

// As sent, nothing is lost but what the JPEG itself costs; beyond 50 dB nobody can tell.
void ExpectFaithful(const std::string& name, const std::string& file, const std::string& path,
                    double pixels_db) {
  const auto pixels = Prepare(file, Lossless());
  const auto sent = Prepare(file);
  ASSERT_TRUE(pixels.ok() && sent.ok()) << name << pixels.status() << sent.status();
  EXPECT_EQ(pixels->plan.path, path) << name;
  EXPECT_EQ(sent->plan.path, path) << name;
  const Drawing reference = ReferenceResize(Decode(file), sent->width_px, sent->height_px);
  const double as_pixels = Psnr(Decode(pixels->bytes), reference);
  const double as_sent = Psnr(Decode(sent->bytes), reference);
  const double best_sent = Psnr(AsSent(reference), reference);
  std::printf("%-28s pixels %6.2f dB, as sent %6.2f of %6.2f dB\n", name.c_str(), as_pixels,
              as_sent, best_sent);
  EXPECT_GE(as_pixels, pixels_db) << name;
  EXPECT_GE(as_sent, std::min(best_sent - 0.1, 50.0)) << name;
}

TEST(RowsQualityTest, LosslessFormatsLoseNothingButRounding) {
  const Drawing photo = DrawPhoto(2013, 1509);
  PngSpec filtered;
  filtered.filtered = true;
  PngSpec interlaced;
  interlaced.interlaced = true;
  PngSpec gray;
  gray.gray = true;
  ExpectFaithful("png", EncodePng(photo), "isa-l", 65);
  ExpectFaithful("png, filtered", EncodePng(photo, filtered), "isa-l", 65);
  ExpectFaithful("png, gray", EncodePng(photo, gray), "isa-l", 65);
  ExpectFaithful("png, interlaced", EncodePng(photo, interlaced), "libvips", 65);
  ExpectFaithful("png, zone plate", EncodePng(DrawZonePlate(1999, 1777)), "isa-l", 65);
  ExpectFaithful("webp, lossless", EncodeWebp(photo, {}, 75, true), "libwebp", 65);
  ExpectFaithful("tiff", EncodeTiff(photo), "libvips", 65);
}

TEST(RowsQualityTest, LossyFormatsLoseNothingMore) {
  for (const auto& [name, photo] :
       {std::pair{"photo", DrawPhoto(2000, 1500)}, std::pair{"photo, odd", DrawPhoto(2013, 1509)},
        std::pair{"chart", DrawChart(1801, 1203)}, std::pair{"small", DrawPhoto(601, 403)}}) {
    ExpectFaithful(std::string("webp, ") + name, EncodeWebp(photo), "libwebp", 65);
    ExpectFaithful(std::string("avif, ") + name, EncodeAvif(photo), "libvips", 65);
  }
}

}  // namespace
}  // namespace tessera::preprocess
