// SPDX-License-Identifier: Apache-2.0
//
// The fast path against a full decode and a double-precision Lanczos: the quality contract.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "services/preprocess/picture/pipeline.h"
#include "services/preprocess/picture/steps/work.h"
#include "tests/services/preprocess/picture/preparing.h"
#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/reference_resize.h"
#include "tests/support/pictures/varied_jpegs.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the drawing vocabulary.

// The planes that the fast path would encode, as RGB.
Drawing FastPathPixels(const std::string& file, const PictureOptions& options) {
  Preparer();  // Starts libvips.
  Work work{
      .file = file, .options = options, .limits = Preparer().limits(), .cancelled = NeverCancelled};
  EXPECT_TRUE(RunAllSteps(work).ok());
  EXPECT_EQ(work.result.plan.path, "libjpeg-turbo");
  Drawing out(work.result.width_px, work.result.height_px, kBlack);
  if (work.buffers.size() != 3) return out;
  for (uint32_t y = 0; y < out.height_px(); ++y) {
    for (uint32_t x = 0; x < out.width_px(); ++x) {
      const double luma = *work.buffers[0].Pixel(x, y);
      const double blue = *work.buffers[1].Pixel(x, y) - 128.0;
      const double red = *work.buffers[2].Pixel(x, y) - 128.0;
      const auto byte = [](double value) {
        return static_cast<uint8_t>(std::clamp(std::lround(value), 0l, 255l));
      };
      out.Set(x, y,
              {byte(luma + 1.402 * red), byte(luma - 0.344136 * blue - 0.714136 * red),
               byte(luma + 1.772 * blue)});
    }
  }
  return out;
}

Drawing AsSent(const Drawing& pixels) {
  return Decode(EncodeJpeg(pixels, {.quality = 92, .subsampling = Subsampling::k444}));
}

// Measured where it counts, on what an engine is sent: at most a tenth of a decibel below libvips
// at its best; and on the pixels themselves, once as the planes that are encoded and once as the
// RGB that is handed to whoever asks for pixels.
TEST(JpegQualityTest, IsNotBelowLibvipsAndAt53DecibelsInTheMiddle) {
  std::vector<double> planes, pixels;
  std::printf("%-30s %28s %18s\n", "dB", "planes / pixels / libvips", "as sent / libvips");
  for (const NamedJpeg& sample : VariedJpegs()) {
    const std::string file = sample.make();
    const Drawing fast = FastPathPixels(file, {});
    const Drawing reference = ReferenceResize(Decode(file), fast.width_px(), fast.height_px());
    const auto as_pixels = Prepare(file, Lossless());
    const auto as_jpeg = Prepare(file);
    ASSERT_TRUE(as_pixels.ok() && as_jpeg.ok());
    const Drawing thumbnail = ThumbnailByLibvips(file, 768);
    planes.push_back(Psnr(fast, reference));
    pixels.push_back(Psnr(Decode(as_pixels->bytes), reference));
    const double sent = Psnr(Decode(as_jpeg->bytes), reference);
    const double sent_by_libvips = Psnr(AsSent(thumbnail), reference);
    std::printf("%-30s %8.2f / %6.2f / %7.2f %9.2f / %6.2f\n", sample.name.c_str(), planes.back(),
                pixels.back(), Psnr(thumbnail, reference), sent, sent_by_libvips);
    EXPECT_GE(sent, sent_by_libvips - 0.1) << sample.name;
    EXPECT_GE(planes.back(), 48) << sample.name;
    EXPECT_GE(pixels.back(), planes.back() - 0.1) << sample.name;
  }
  std::sort(planes.begin(), planes.end());
  std::sort(pixels.begin(), pixels.end());
  const size_t middle = planes.size() / 2;
  std::printf("planes: median %.2f dB, lowest %.2f dB; pixels: median %.2f dB, lowest %.2f dB\n",
              planes[middle], planes[0], pixels[middle], pixels[0]);
  EXPECT_GE(planes[middle], 53);
  EXPECT_GE(pixels[middle], 53);
}

}  // namespace
}  // namespace tessera::preprocess
