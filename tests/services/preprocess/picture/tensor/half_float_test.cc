// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/tensor/half_float.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/pictures/random.h"

namespace tessera::preprocess {
namespace {

// The value of a half, from its definition.
double ValueOfHalf(uint16_t half) {
  const int sign = (half & 0x8000) != 0 ? -1 : 1;
  const int exponent = half >> 10 & 31;
  const int fraction = half & 1023;
  if (exponent == 31) return sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(HalfFloatTest, EveryHalfComesBackFromItsOwnValue) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    if ((half & 0x7C00) == 0x7C00 && (half & 0x3FF) != 0) continue;  // Not a number.
    const double value = ValueOfHalf(static_cast<uint16_t>(half));
    ASSERT_EQ(ToFloat16(static_cast<float>(value)), half) << value;
  }
}

TEST(HalfFloatTest, BetweenTwoHalvesTheNearerOneIsTakenAndTheEvenOneInTheMiddle) {
  for (uint16_t half = 0; half < 0x7BFF; ++half) {
    const double low = ValueOfHalf(half);
    const double high = ValueOfHalf(static_cast<uint16_t>(half + 1));
    const auto middle = static_cast<float>((low + high) / 2);  // Exact: one more bit.
    ASSERT_EQ(ToFloat16(middle), half % 2 == 0 ? half : half + 1);
    ASSERT_EQ(ToFloat16(std::nextafter(middle, 0.0f)), half);
    ASSERT_EQ(ToFloat16(std::nextafter(middle, 1e9f)), half + 1);
    ASSERT_EQ(ToFloat16(-middle), 0x8000 | (half % 2 == 0 ? half : half + 1));
  }
}

TEST(HalfFloatTest, WhatIsTooLargeIsInfinite) {
  EXPECT_EQ(ToFloat16(65504.0f), 0x7BFF);
  EXPECT_EQ(ToFloat16(65519.99f), 0x7BFF);
  EXPECT_EQ(ToFloat16(65520.0f), 0x7C00);
  EXPECT_EQ(ToFloat16(-1e30f), 0xFC00);
}

TEST(HalfFloatTest, BfloatTakesTheNearerUpperHalf) {
  testing::Random random(3);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = static_cast<float>(random.Between(-300, 300));
    const uint16_t rounded = ToBfloat16(value);
    const auto widened = [](uint32_t upper) { return std::bit_cast<float>(upper << 16); };
    const double error = std::abs(widened(rounded) - value);
    ASSERT_LE(error, std::abs(widened(rounded + 1u) - value));
    ASSERT_LE(error, std::abs(widened(rounded - 1u) - value));
  }
  EXPECT_EQ(ToBfloat16(1.00390625f), 0x3F80) << "a half goes to the even neighbour";
  EXPECT_EQ(ToBfloat16(1.01171875f), 0x3F82);
}

}  // namespace
}  // namespace tessera::preprocess
