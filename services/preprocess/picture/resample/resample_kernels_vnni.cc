// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/resample_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

namespace tessera::preprocess {
namespace {

constexpr int kRowShift = kWeightBits - kFractionBits;

// The only functions of the program that may use these; they run only where they exist.
#define TESSERA_VNNI __attribute__((target("avx2,avx512f,avx512bw,avx512vl,avx512vnni")))

// Weights are taken apart as 256 * high + low, so that the instruction that multiplies and adds
// four bytes at once can do it: exactly, hence with the same result as every other way.
struct FourWeights {
  int32_t high = 0;
  int32_t low = 0;
};

// More taps than this are rare and left to the AVX2 version.
constexpr size_t kMaxTaps = 128;

size_t SplitWeights(const int16_t* weights, size_t taps, FourWeights* split) {
  size_t groups = 0;
  for (size_t k = 0; k < taps; k += 4) {
    uint32_t high = 0, low = 0;
    for (size_t i = 0; i < 4 && k + i < taps; ++i) {
      const int weight = weights[k + i];
      const auto low_part = static_cast<int8_t>(weight & 0xFF);
      low |= uint32_t{static_cast<uint8_t>(low_part)} << (8 * i);
      high |= uint32_t{static_cast<uint8_t>((weight - low_part) >> 8)} << (8 * i);
    }
    split[groups++] = {static_cast<int32_t>(high), static_cast<int32_t>(low)};
  }
  return groups;
}

TESSERA_VNNI inline __m256i LoadBytes(const uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

TESSERA_VNNI inline __m256i Combine(__m256i high, __m256i low) {
  return _mm256_srai_epi32(_mm256_add_epi32(_mm256_slli_epi32(high, 8), low), kRowShift);
}

// Works on 32 columns and four rows at a time.
TESSERA_VNNI void SumRows(const uint8_t* const* rows, const int16_t* weights, size_t taps,
                          size_t samples, int16_t* out) {
  if (taps > kMaxTaps) return Avx2Kernels()->sum_rows(rows, weights, taps, samples, out);
  FourWeights split[kMaxTaps / 4];
  const size_t groups = SplitWeights(weights, taps, split);
  const uint8_t* padded[kMaxTaps];
  for (size_t k = 0; k < groups * 4; ++k) padded[k] = rows[k < taps ? k : 0];
  const __m256i half = _mm256_set1_epi32(1 << (kRowShift - 1));
  const __m256i zero = _mm256_setzero_si256();
  for (size_t x = 0; x < samples; x += kRowBlock) {
    __m256i h0 = zero, h1 = zero, h2 = zero, h3 = zero;
    __m256i l0 = half, l1 = half, l2 = half, l3 = half;
    for (size_t g = 0; g < groups; ++g) {
      const uint8_t* const* four = padded + g * 4;
      const __m256i a = LoadBytes(four[0] + x), b = LoadBytes(four[1] + x);
      const __m256i c = LoadBytes(four[2] + x), d = LoadBytes(four[3] + x);
      const __m256i ab_low = _mm256_unpacklo_epi8(a, b), ab_high = _mm256_unpackhi_epi8(a, b);
      const __m256i cd_low = _mm256_unpacklo_epi8(c, d), cd_high = _mm256_unpackhi_epi8(c, d);
      const __m256i s0 = _mm256_unpacklo_epi16(ab_low, cd_low);
      const __m256i s1 = _mm256_unpackhi_epi16(ab_low, cd_low);
      const __m256i s2 = _mm256_unpacklo_epi16(ab_high, cd_high);
      const __m256i s3 = _mm256_unpackhi_epi16(ab_high, cd_high);
      const __m256i high = _mm256_set1_epi32(split[g].high);
      const __m256i low = _mm256_set1_epi32(split[g].low);
      h0 = _mm256_dpbusd_epi32(h0, s0, high);
      h1 = _mm256_dpbusd_epi32(h1, s1, high);
      h2 = _mm256_dpbusd_epi32(h2, s2, high);
      h3 = _mm256_dpbusd_epi32(h3, s3, high);
      l0 = _mm256_dpbusd_epi32(l0, s0, low);
      l1 = _mm256_dpbusd_epi32(l1, s1, low);
      l2 = _mm256_dpbusd_epi32(l2, s2, low);
      l3 = _mm256_dpbusd_epi32(l3, s3, low);
    }
    // Every unpacking went lane by lane, so each lane now holds 16 columns in order.
    const __m256i first = _mm256_packs_epi32(Combine(h0, l0), Combine(h1, l1));
    const __m256i second = _mm256_packs_epi32(Combine(h2, l2), Combine(h3, l3));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + x),
                        _mm256_permute2x128_si256(first, second, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + x + 16),
                        _mm256_permute2x128_si256(first, second, 0x31));
  }
}

bool IsSupported() {
  return Avx2Kernels() != nullptr && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}

}  // namespace

const ResampleKernels* VnniKernels() {
  if (!IsSupported()) return nullptr;
  static const ResampleKernels kernels = {SumRows, Avx2Kernels()->sum_columns,
                                          Avx2Kernels()->split_channels};
  return &kernels;
}

}  // namespace tessera::preprocess

#else

namespace tessera::preprocess {

const ResampleKernels* VnniKernels() { return nullptr; }

}  // namespace tessera::preprocess

#endif
