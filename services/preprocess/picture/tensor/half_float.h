// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_HALF_FLOAT_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_HALF_FLOAT_H_

#include <bit>
#include <cstdint>

namespace tessera::preprocess {

// Both round to nearest, halves to even, as numpy and torch do. No argument is not a number.

// IEEE 754 binary16; what is too large becomes infinity.
constexpr uint16_t ToFloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7FFF'FFFF;
  if (magnitude >= 0x477F'F000) return sign | 0x7C00;  // Rounds to 65,536 or more.
  if (magnitude < 0x3300'0001) return sign;            // At most half the least subnormal.
  const uint32_t exponent = magnitude >> 23;
  // Subnormal halves lose one more bit for every power of two below 2^-14.
  const uint32_t dropped = exponent < 113 ? 126 - exponent : 13;
  const uint32_t significand =
      exponent < 113 ? (magnitude & 0x7F'FFFF) | 0x80'0000 : magnitude - (112u << 23);
  const uint32_t kept = significand >> dropped;
  const uint32_t rest = significand & ((1u << dropped) - 1);
  const uint32_t half = 1u << (dropped - 1);
  const uint32_t up = rest > half || (rest == half && (kept & 1) != 0) ? 1 : 0;
  return static_cast<uint16_t>(sign | (kept + up));
}

// The upper half of a float.
constexpr uint16_t ToBfloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_HALF_FLOAT_H_
