// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/resample_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "services/preprocess/picture/resample/strip_resampler.h"
#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

using tessera::testing::Random;

// A plane of black and white noise: the hardest thing there is for overshoot and rounding.
PixelBuffer Noise(uint32_t width, uint32_t height, uint64_t seed, uint32_t channels = 1) {
  Random random(seed);
  PixelBuffer plane = PixelBuffer::Make(width, height, channels);
  for (uint8_t& sample : plane.samples) {
    sample = random.Below(3) == 0 ? static_cast<uint8_t>(random.Next())
                                  : static_cast<uint8_t>(random.Below(2) * 255);
  }
  return plane;
}

PixelBuffer Resample(const PixelBuffer& source, uint32_t width, uint32_t height, bool half,
                     uint32_t rows_per_push, const ResampleKernels& kernels) {
  StripResampler resampler({source.width_px, static_cast<double>(source.width_px), width, half},
                           {source.height_px, static_cast<double>(source.height_px), height, half},
                           source.width_px, source.channels, rows_per_push, kernels);
  for (uint32_t y = 0; y < source.height_px; y += rows_per_push) {
    for (uint32_t i = 0; i < rows_per_push && y + i < source.height_px; ++i) {
      std::copy_n(source.Pixel(0, y + i), source.RowBytes(), resampler.NextRows()[i]);
    }
    resampler.Push();
  }
  return resampler.Take();
}

struct Shape {
  uint32_t source_width, source_height, width, height;
  bool half;
};

constexpr Shape kShapes[] = {
    {64, 48, 64, 48, false},       {64, 48, 128, 96, true},    {201, 151, 33, 25, false},
    {2016, 1512, 768, 576, false}, {501, 333, 768, 511, true}, {97, 13, 7, 1, false},
    {300, 900, 20, 10, false},     {1, 1, 1, 1, false},        {3000, 40, 768, 10, false}};

// Those that this processor can run.
std::vector<const ResampleKernels*> FastKernels() {
  std::vector<const ResampleKernels*> kernels;
  for (const ResampleKernels* fast : {Avx2Kernels(), VnniKernels()}) {
    if (fast != nullptr) kernels.push_back(fast);
  }
  return kernels;
}

TEST(ResampleKernelsTest, EveryVersionComputesTheSameIntegers) {
  for (const Shape& s : kShapes) {
    const PixelBuffer source = Noise(s.source_width, s.source_height, 7);
    const PixelBuffer expected = Resample(source, s.width, s.height, s.half, 8, PortableKernels());
    for (const ResampleKernels* fast : FastKernels()) {
      EXPECT_EQ(Resample(source, s.width, s.height, s.half, 8, *fast).samples, expected.samples)
          << s.source_width << "x" << s.source_height;
    }
  }
}

// One channel of interleaved pixels.
PixelBuffer Channel(const PixelBuffer& pixels, uint32_t channel) {
  PixelBuffer plane = PixelBuffer::Make(pixels.width_px, pixels.height_px, 1);
  for (size_t i = 0; i < plane.samples.size(); ++i) {
    plane.samples[i] = pixels.samples[i * pixels.channels + channel];
  }
  return plane;
}

TEST(ResampleKernelsTest, InterleavedChannelsComeOutLikePlanes) {
  for (const ResampleKernels* kernels : {&PortableKernels(), &BestKernels()}) {
    for (uint32_t channels : {2u, 3u, 4u}) {
      for (const Shape& s : kShapes) {
        const PixelBuffer source = Noise(s.source_width, s.source_height, channels, channels);
        const PixelBuffer made = Resample(source, s.width, s.height, s.half, 1, *kernels);
        for (uint32_t c = 0; c < channels; ++c) {
          EXPECT_EQ(Channel(made, c).samples,
                    Resample(Channel(source, c), s.width, s.height, s.half, 1, *kernels).samples)
              << s.source_width << "x" << s.source_height << " channel " << c << " of " << channels;
        }
      }
    }
  }
}

TEST(ResampleKernelsTest, HowRowsArriveDoesNotMatter) {
  const PixelBuffer source = Noise(301, 203, 9);
  const PixelBuffer expected = Resample(source, 77, 51, false, 1, BestKernels());
  for (uint32_t rows_per_push : {2u, 7u, 8u, 16u, 203u}) {
    EXPECT_EQ(Resample(source, 77, 51, false, rows_per_push, BestKernels()).samples,
              expected.samples)
        << rows_per_push;
  }
}

TEST(ResampleKernelsTest, IsWithinOneStepOfDoublePrecision) {
  const PixelBuffer source = Noise(403, 301, 11);
  const uint32_t width = 97, height = 73;
  const ResampleWeights across = MakeLanczosWeights({403, 403, width, false});
  const ResampleWeights down = MakeLanczosWeights({301, 301, height, false});
  const PixelBuffer made = Resample(source, width, height, false, 8, BestKernels());
  for (uint32_t y = 0; y < height; ++y) {
    for (uint32_t x = 0; x < width; ++x) {
      double sum = 0;
      for (uint32_t j = 0; j < down.taps[y]; ++j) {
        for (uint32_t i = 0; i < across.taps[x]; ++i) {
          sum += double{1} * down.For(y)[j] * across.For(x)[i] *
                 *source.Pixel(across.first[x] + i, down.first[y] + j);
        }
      }
      sum = std::clamp(sum / (1 << kWeightBits) / (1 << kWeightBits), 0.0, 255.0);
      ASSERT_NEAR(*made.Pixel(x, y), sum, 0.55) << x << "," << y;
    }
  }
}

TEST(ResampleKernelsTest, FlatStaysFlat) {
  for (int value : {0, 1, 127, 254, 255}) {
    PixelBuffer flat = PixelBuffer::Make(999, 333, 1);
    std::fill(flat.samples.begin(), flat.samples.end(), static_cast<uint8_t>(value));
    for (uint8_t sample : Resample(flat, 100, 50, false, 8, BestKernels()).samples) {
      ASSERT_EQ(sample, value);
    }
  }
}

}  // namespace
}  // namespace tessera::preprocess
