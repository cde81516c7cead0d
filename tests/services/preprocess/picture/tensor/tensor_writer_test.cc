// SPDX-License-Identifier: Apache-2.0
//
// Tensors against a second implementation that only looks up indices: what numpy does with
// (x / 255 - mean) / std in float64, transpose and reshape.
#include "services/preprocess/picture/tensor/tensor_writer.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "services/preprocess/picture/tensor/half_float.h"
#include "services/preprocess/picture/tensor/plane_kernels.h"
#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

PixelBuffer Noise(uint32_t width, uint32_t height) {
  testing::Random random(width * 10'007 + height);
  PixelBuffer picture = PixelBuffer::Make(width, height, 3);
  for (uint8_t& sample : picture.samples) sample = static_cast<uint8_t>(random.Below(256));
  return picture;
}

double Reference(const TensorSpec& spec, const PixelBuffer& picture, uint32_t x, uint32_t y,
                 uint32_t c) {
  return (*(picture.Pixel(x, y) + c) / 255.0 - static_cast<double>(spec.mean[c])) /
         static_cast<double>(spec.std[c]);
}

struct Place {
  uint32_t x, y, c;
};

// Which sample lies at flat index `i`.
Place PlaceOf(const TensorSpec& spec, OutputSize sides, uint64_t i) {
  const uint64_t w = sides.width_px, h = sides.height_px;
  const auto at = [](uint64_t x, uint64_t y, uint64_t c) {
    return Place{static_cast<uint32_t>(x), static_cast<uint32_t>(y), static_cast<uint32_t>(c)};
  };
  if (spec.layout == TensorLayout::kNchw) return at(i % w, i / w % h, i / (w * h));
  if (spec.layout == TensorLayout::kNhwc) return at(i / 3 % w, i / 3 / w, i % 3);
  // The axes after transpose(0, 3, 6, 4, 7, 2, 1, 5, 8), innermost first: column in the patch, row
  // in the patch, frame, channel, patch column in the group, patch row in the group, group column,
  // group row.
  const uint64_t p = spec.patches.patch_px, m = spec.patches.merge, t = spec.patches.temporal;
  const auto next = [&i](uint64_t size) {
    const uint64_t index = i % size;
    i /= size;
    return index;
  };
  const uint64_t px = next(p), py = next(p);
  next(t);
  const uint64_t c = next(3), mx = next(m), my = next(m), gx = next(w / p / m), gy = i;
  return at((gx * m + mx) * p + px, (gy * m + my) * p + py, c);
}

template <typename Value>
Value ValueAt(const std::vector<uint8_t>& bytes, uint64_t i) {
  Value value;
  std::memcpy(&value, bytes.data() + i * sizeof(Value), sizeof(Value));
  return value;
}

std::vector<uint8_t> WriteAll(const TensorSpec& spec, const PixelBuffer& picture) {
  const TensorWriter writer(spec, {picture.width_px, picture.height_px});
  std::vector<uint8_t> bytes(writer.total_bytes());
  writer.Write(picture, 0, writer.rows(), bytes.data());
  return bytes;
}

// Units in the last place between two floats.
int64_t Ulps(float a, float b) {
  const auto ordered = [](float value) -> int64_t {
    const auto bits = std::bit_cast<int32_t>(value);
    return bits < 0 ? -static_cast<int64_t>(bits & 0x7FFF'FFFF) : bits;
  };
  return std::abs(ordered(a) - ordered(b));
}

const TensorSpec kNormalisations[] = {
    {},
    {.mean = {0.48145466f, 0.4578275f, 0.40821073f},
     .std = {0.26862954f, 0.26130258f, 0.27577711f}},
    {.mean = {0.485f, 0.456f, 0.406f}, .std = {0.229f, 0.224f, 0.225f}},
    {.mean = {0, 0, 0}, .std = {1, 1, 1}},
    {.mean = {-3.5f, 0.003921569f, 99}, .std = {1e-6f, 100, 0.001f}}};

TEST(TensorWriterTest, EveryTypeAndLayoutIsTheReferenceToTheLastBit) {
  for (const TensorSpec& normalisation : kNormalisations) {
    for (const TensorLayout layout :
         {TensorLayout::kNchw, TensorLayout::kNhwc, TensorLayout::kQwenPatches}) {
      for (const TensorType type :
           {TensorType::kU8, TensorType::kF16, TensorType::kBf16, TensorType::kF32}) {
        for (const OutputSize sides :
             {OutputSize{64, 32}, OutputSize{32, 96}, OutputSize{128, 128}}) {
          TensorSpec spec = normalisation;
          spec.layout = layout;
          spec.type = type;
          const PixelBuffer picture = Noise(sides.width_px, sides.height_px);
          const std::vector<uint8_t> bytes = WriteAll(spec, picture);
          const uint64_t values = bytes.size() / ValueBytes(type);
          for (uint64_t i = 0; i < values; ++i) {
            const Place at = PlaceOf(spec, sides, i);
            const auto expected = static_cast<float>(Reference(spec, picture, at.x, at.y, at.c));
            if (type == TensorType::kU8) {
              ASSERT_EQ(bytes[i], *(picture.Pixel(at.x, at.y) + at.c));
            } else if (type == TensorType::kF32) {
              ASSERT_EQ(ValueAt<float>(bytes, i), expected) << i;
            } else {
              ASSERT_EQ(ValueAt<uint16_t>(bytes, i),
                        type == TensorType::kF16 ? ToFloat16(expected) : ToBfloat16(expected));
            }
          }
        }
      }
    }
  }
}

TEST(TensorWriterTest, IsWithinOneUlpOfTheReferenceForAnyNormalisation) {
  testing::Random random(5);
  for (int i = 0; i < 20'000; ++i) {
    const auto mean = static_cast<float>(random.Between(-2, 2));
    const auto std = static_cast<float>(std::exp(random.Between(-8, 4)));
    const Normalisation made = MakeNormalisation(mean, std);
    for (int sample = 0; sample < 256; ++sample) {
      const auto expected = static_cast<float>((sample / 255.0 - static_cast<double>(mean)) / std);
      ASSERT_LE(Ulps(made.values[static_cast<size_t>(sample)], expected), 1);
    }
  }
}

TEST(TensorWriterTest, PiecesAreTheWhole) {
  for (const TensorLayout layout :
       {TensorLayout::kNchw, TensorLayout::kNhwc, TensorLayout::kQwenPatches}) {
    const TensorSpec spec{.type = TensorType::kF16, .layout = layout};
    const PixelBuffer picture = Noise(96, 64);
    const TensorWriter writer(spec, {96, 64});
    const std::vector<uint8_t> whole = WriteAll(spec, picture);
    std::vector<uint8_t> pieces;
    for (uint64_t row = 0; row < writer.rows(); row += 7) {
      const uint64_t count = std::min<uint64_t>(7, writer.rows() - row);
      std::vector<uint8_t> piece(count * writer.row_bytes());
      writer.Write(picture, row, count, piece.data());
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(pieces, whole);
  }
}

TEST(TensorWriterTest, ShapesAreWhatTheLayoutSays) {
  TensorSpec spec;
  EXPECT_EQ(TensorShape(spec, {768, 576}), (std::vector<uint64_t>{1, 3, 576, 768}));
  spec.layout = TensorLayout::kNhwc;
  EXPECT_EQ(TensorShape(spec, {768, 576}), (std::vector<uint64_t>{1, 576, 768, 3}));
  spec.layout = TensorLayout::kQwenPatches;
  EXPECT_EQ(TensorShape(spec, {768, 576}), (std::vector<uint64_t>{1728, 1536}));
  EXPECT_EQ(TensorBytes(spec, {768, 576}), 1728ull * 1536 * 4);
  spec.patches = {.patch_px = 14, .merge = 2, .temporal = 2};
  EXPECT_EQ(TensorShape(spec, {56, 28}), (std::vector<uint64_t>{8, 1176}));
}

TEST(TensorSpecTest, PatchesNeedWholeGroups) {
  TensorSpec spec{.layout = TensorLayout::kQwenPatches};
  EXPECT_TRUE(CheckSides(spec, {768, 448}).ok());
  EXPECT_FALSE(CheckSides(spec, {768, 432}).ok());
  EXPECT_FALSE(CheckSides(spec, {752, 448}).ok());
  spec.layout = TensorLayout::kNhwc;
  EXPECT_TRUE(CheckSides(spec, {768, 433}).ok());
}

TEST(TensorSpecTest, RefusesWhatIsOutOfRange) {
  const auto refused = [](auto change) {
    TensorSpec spec;
    change(spec);
    return !Validate(spec).ok();
  };
  EXPECT_FALSE(refused([](TensorSpec&) {}));
  EXPECT_TRUE(refused([](TensorSpec& s) { s.std[1] = 0; }));
  EXPECT_TRUE(refused([](TensorSpec& s) { s.std[2] = -1; }));
  EXPECT_TRUE(refused([](TensorSpec& s) { s.mean[0] = 101; }));
  EXPECT_TRUE(refused([](TensorSpec& s) { s.mean[0] = std::nanf(""); }));
  EXPECT_TRUE(refused([](TensorSpec& s) { s.patches.patch_px = 1; }));
  EXPECT_TRUE(refused([](TensorSpec& s) { s.patches.merge = 9; }));
  EXPECT_TRUE(refused([](TensorSpec& s) { s.patches.temporal = 0; }));
}

TEST(PlaneKernelsTest, EveryVersionComputesTheSameFloats) {
  const PlaneKernel fast = Avx2Plane();
  if (fast == nullptr) GTEST_SKIP() << "no AVX2 here";
  testing::Random random(9);
  std::vector<uint8_t> rgb(3 * 1000);
  for (uint8_t& sample : rgb) sample = static_cast<uint8_t>(random.Below(256));
  for (int i = 0; i < 500; ++i) {
    const Normalisation normalisation =
        MakeNormalisation(static_cast<float>(random.Between(-2, 2)),
                          static_cast<float>(std::exp(random.Between(-8, 4))));
    for (const size_t pixels : {0u, 1u, 15u, 16u, 17u, 47u, 768u, 1000u}) {
      for (int channel = 0; channel < 3; ++channel) {
        std::vector<float> one(pixels), other(pixels);
        PortablePlane(rgb.data(), channel, pixels, normalisation, one.data());
        fast(rgb.data(), channel, pixels, normalisation, other.data());
        ASSERT_EQ(one, other);
      }
    }
  }
}

}  // namespace
}  // namespace tessera::preprocess
