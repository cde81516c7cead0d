// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/resample/resample_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

namespace tessera::preprocess {
namespace {

constexpr int kRowShift = kWeightBits - kFractionBits;
constexpr int kColumnShift = kWeightBits + kFractionBits;

// The only functions of the program that may use AVX2; they run only where it exists.
#define TESSERA_AVX2 __attribute__((target("avx2")))

TESSERA_AVX2 inline __m256i Load(const int16_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

TESSERA_AVX2 inline int32_t Pair(const int16_t* weights) {
  int32_t pair;
  std::memcpy(&pair, weights, sizeof(pair));
  return pair;
}

// Works on 32 columns at a time and two rows at a time: bytes of both rows side by side become
// 16-bit pairs, and one instruction multiplies and adds each pair.
TESSERA_AVX2 void SumRows(const uint8_t* const* rows, const int16_t* weights, size_t taps,
                          size_t samples, int16_t* out) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i half = _mm256_set1_epi32(1 << (kRowShift - 1));
  for (size_t x = 0; x < samples; x += kRowBlock) {
    __m256i s0 = half, s1 = half, s2 = half, s3 = half;
    for (size_t k = 0; k < taps; k += 2) {
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[k] + x));
      const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[k + 1] + x));
      const __m256i w = _mm256_set1_epi32(Pair(weights + k));
      const __m256i low = _mm256_unpacklo_epi8(a, b);
      const __m256i high = _mm256_unpackhi_epi8(a, b);
      s0 = _mm256_add_epi32(s0, _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), w));
      s1 = _mm256_add_epi32(s1, _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), w));
      s2 = _mm256_add_epi32(s2, _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), w));
      s3 = _mm256_add_epi32(s3, _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), w));
    }
    // Every unpacking went lane by lane, so each lane now holds 16 columns in order.
    const __m256i first =
        _mm256_packs_epi32(_mm256_srai_epi32(s0, kRowShift), _mm256_srai_epi32(s1, kRowShift));
    const __m256i second =
        _mm256_packs_epi32(_mm256_srai_epi32(s2, kRowShift), _mm256_srai_epi32(s3, kRowShift));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + x),
                        _mm256_permute2x128_si256(first, second, 0x20));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + x + 16),
                        _mm256_permute2x128_si256(first, second, 0x31));
  }
}

// `kBlocks` is the number of blocks of 16 weights, or 0 for any number: known beforehand, the loop
// is gone, and nearly every picture needs one or two.
template <uint32_t kBlocks>
TESSERA_AVX2 inline __m256i DotProduct(const int16_t* from, const int16_t* weight,
                                       uint32_t stride) {
  const uint32_t count = kBlocks == 0 ? stride : kBlocks * 16;
  __m256i sum = _mm256_madd_epi16(Load(from), Load(weight));
  for (uint32_t k = 16; k < count; k += 16) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(Load(from + k), Load(weight + k)));
  }
  return sum;
}

template <uint32_t kBlocks>
TESSERA_AVX2 void SumColumnsOf(const int16_t* in, const ResampleWeights& weights, uint8_t* out) {
  const uint32_t* first = weights.first.data();
  const int16_t* weight = weights.weights.data();
  const auto targets = static_cast<uint32_t>(weights.first.size());
  const uint32_t stride = kBlocks == 0 ? weights.stride : kBlocks * 16;
  const int32_t start = weights.bias + (1 << (kColumnShift - 1));
  const __m256i starts = _mm256_set1_epi32(start);
  const auto four = [&](uint32_t i) TESSERA_AVX2 {
    const int16_t* w = weight + size_t{i} * stride;
    return _mm256_hadd_epi32(
        _mm256_hadd_epi32(DotProduct<kBlocks>(in + first[i], w, stride),
                          DotProduct<kBlocks>(in + first[i + 1], w + stride, stride)),
        _mm256_hadd_epi32(DotProduct<kBlocks>(in + first[i + 2], w + 2 * stride, stride),
                          DotProduct<kBlocks>(in + first[i + 3], w + 3 * stride, stride)));
  };
  uint32_t i = 0;
  for (; i + 8 <= targets; i += 8) {
    const __m256i a = four(i), b = four(i + 4);
    const __m256i sums = _mm256_srai_epi32(
        _mm256_add_epi32(starts, _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20),
                                                  _mm256_permute2x128_si256(a, b, 0x31))),
        kColumnShift);
    const __m128i words =
        _mm_packs_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), _mm_packus_epi16(words, words));
  }
  for (; i < targets; ++i) {
    const __m256i sum = DotProduct<kBlocks>(in + first[i], weight + size_t{i} * stride, stride);
    const __m256i pairs = _mm256_hadd_epi32(sum, sum);
    const __m256i quads = _mm256_hadd_epi32(pairs, pairs);
    const int32_t total = _mm_cvtsi128_si32(
        _mm_add_epi32(_mm256_castsi256_si128(quads), _mm256_extracti128_si256(quads, 1)));
    const int32_t value = (total + start) >> kColumnShift;
    out[i] = static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

TESSERA_AVX2 void SumColumns(const int16_t* in, const ResampleWeights& weights, uint8_t* out) {
  if (weights.stride == 16) return SumColumnsOf<1>(in, weights, out);
  if (weights.stride == 32) return SumColumnsOf<2>(in, weights, out);
  SumColumnsOf<0>(in, weights, out);
}

// Where in three registers of eight samples each the samples of one channel lie: a shuffle per
// register collects them, and what is -1 is left zero for the other two to fill.
struct ThreeShuffles {
  int8_t bytes[3][16];
};

constexpr ThreeShuffles ShufflesFor(int channel) {
  ThreeShuffles shuffles{};
  for (int part = 0; part < 3; ++part) {
    for (int i = 0; i < 8; ++i) {
      const int at = i * 3 + channel - part * 8;
      const bool here = at >= 0 && at < 8;
      shuffles.bytes[part][i * 2] = static_cast<int8_t>(here ? at * 2 : -1);
      shuffles.bytes[part][i * 2 + 1] = static_cast<int8_t>(here ? at * 2 + 1 : -1);
    }
  }
  return shuffles;
}

constexpr ThreeShuffles kShuffles[3] = {ShufflesFor(0), ShufflesFor(1), ShufflesFor(2)};

TESSERA_AVX2 inline __m128i LoadHalf(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

TESSERA_AVX2 void SplitThree(const int16_t* in, size_t pixels, size_t stride, int16_t* out) {
  for (size_t x = 0; x < pixels; x += 8, in += 24) {
    const __m128i a = LoadHalf(in), b = LoadHalf(in + 8), c = LoadHalf(in + 16);
    for (size_t channel = 0; channel < 3; ++channel) {
      const auto& shuffle = kShuffles[channel].bytes;
      const __m128i samples = _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(a, LoadHalf(shuffle[0])),
                                                        _mm_shuffle_epi8(b, LoadHalf(shuffle[1]))),
                                           _mm_shuffle_epi8(c, LoadHalf(shuffle[2])));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + channel * stride + x), samples);
    }
  }
}

TESSERA_AVX2 void SplitChannels(const int16_t* in, size_t pixels, size_t channels, size_t stride,
                                int16_t* out) {
  if (channels == 3) return SplitThree(in, pixels, stride, out);
  PortableKernels().split_channels(in, pixels, channels, stride, out);
}

}  // namespace

const ResampleKernels* Avx2Kernels() {
  static constexpr ResampleKernels kKernels = {SumRows, SumColumns, SplitChannels};
  return __builtin_cpu_supports("avx2") ? &kKernels : nullptr;
}

}  // namespace tessera::preprocess

#else

namespace tessera::preprocess {

const ResampleKernels* Avx2Kernels() { return nullptr; }

}  // namespace tessera::preprocess

#endif
