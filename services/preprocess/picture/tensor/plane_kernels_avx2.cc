// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/tensor/plane_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

namespace tessera::preprocess {
namespace {

#define TESSERA_AVX2 __attribute__((target("avx2,fma")))

// Which byte of each third of 48 bytes (16 pixels) holds which sample of a channel; 0x80 for none.
struct Selection {
  alignas(16) uint8_t from[3][16];
};

Selection SelectionFor(int channel) {
  Selection selection;
  std::memset(&selection, 0x80, sizeof(selection));
  for (int i = 0; i < 16; ++i) {
    const int byte = 3 * i + channel;
    selection.from[byte / 16][i] = static_cast<uint8_t>(byte % 16);
  }
  return selection;
}

TESSERA_AVX2 inline __m128i LoadBytes(const uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

TESSERA_AVX2 inline __m128 Normalised(__m128i samples, __m256d scale, __m256d offset) {
  const __m256d values = _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(samples));
  return _mm256_cvtpd_ps(_mm256_fmadd_pd(values, scale, offset));
}

TESSERA_AVX2 void Plane(const uint8_t* rgb, int channel, size_t pixels,
                        const Normalisation& normalisation, float* out) {
  const Selection selection = SelectionFor(channel);
  const __m128i first = LoadBytes(selection.from[0]);
  const __m128i second = LoadBytes(selection.from[1]);
  const __m128i third = LoadBytes(selection.from[2]);
  const __m256d scale = _mm256_set1_pd(normalisation.scale);
  const __m256d offset = _mm256_set1_pd(normalisation.offset);
  size_t i = 0;
  for (; i + 16 <= pixels; i += 16) {
    const uint8_t* from = rgb + 3 * i;
    const __m128i samples =
        _mm_or_si128(_mm_or_si128(_mm_shuffle_epi8(LoadBytes(from), first),
                                  _mm_shuffle_epi8(LoadBytes(from + 16), second)),
                     _mm_shuffle_epi8(LoadBytes(from + 32), third));
    _mm_storeu_ps(out + i, Normalised(samples, scale, offset));
    _mm_storeu_ps(out + i + 4, Normalised(_mm_srli_si128(samples, 4), scale, offset));
    _mm_storeu_ps(out + i + 8, Normalised(_mm_srli_si128(samples, 8), scale, offset));
    _mm_storeu_ps(out + i + 12, Normalised(_mm_srli_si128(samples, 12), scale, offset));
  }
  for (; i < pixels; ++i) {
    const __m128i sample = _mm_cvtsi32_si128(rgb[3 * i + static_cast<size_t>(channel)]);
    out[i] = _mm_cvtss_f32(Normalised(sample, scale, offset));
  }
}

}  // namespace

PlaneKernel Avx2Plane() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? Plane : nullptr;
}

}  // namespace tessera::preprocess

#else

namespace tessera::preprocess {

PlaneKernel Avx2Plane() { return nullptr; }

}  // namespace tessera::preprocess

#endif
