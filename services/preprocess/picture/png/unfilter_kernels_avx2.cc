// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/unfilter_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

namespace tessera::preprocess {
namespace {

#define TESSERA_AVX2 __attribute__((target("avx2")))

// Four bytes at a time even where a pixel has three: the fourth is overwritten by the next pixel.
TESSERA_AVX2 inline __m128i LoadPixel(const uint8_t* from) {
  int32_t bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  return _mm_cvtsi32_si128(bytes);
}

TESSERA_AVX2 inline void StorePixel(__m128i pixel, uint8_t* to) {
  const int32_t bytes = _mm_cvtsi128_si32(pixel);
  std::memcpy(to, &bytes, sizeof(bytes));
}

template <size_t kPixel>
TESSERA_AVX2 void RestoreSub(const uint8_t* in, size_t bytes, uint8_t* out) {
  __m128i left = _mm_setzero_si128();
  for (size_t i = 0; i < bytes; i += kPixel) {
    left = _mm_add_epi8(left, LoadPixel(in + i));
    StorePixel(left, out + i);
  }
}

template <size_t kPixel>
TESSERA_AVX2 void RestoreAverage(const uint8_t* in, const uint8_t* above, size_t bytes,
                                 uint8_t* out) {
  const __m128i one = _mm_set1_epi8(1);
  __m128i left = _mm_setzero_si128();
  for (size_t i = 0; i < bytes; i += kPixel) {
    const __m128i up = LoadPixel(above + i);
    // The instruction rounds up, the format down.
    const __m128i average =
        _mm_sub_epi8(_mm_avg_epu8(left, up), _mm_and_si128(_mm_xor_si128(left, up), one));
    left = _mm_add_epi8(average, LoadPixel(in + i));
    StorePixel(left, out + i);
  }
}

template <size_t kPixel>
TESSERA_AVX2 void RestorePaeth(const uint8_t* in, const uint8_t* above, size_t bytes,
                               uint8_t* out) {
  __m128i left = _mm_setzero_si128(), corner = _mm_setzero_si128();  // Bytes widened to 16 bits.
  for (size_t i = 0; i < bytes; i += kPixel) {
    const __m128i up = _mm_cvtepu8_epi16(LoadPixel(above + i));
    const __m128i rise = _mm_sub_epi16(up, corner);
    const __m128i run = _mm_sub_epi16(left, corner);
    const __m128i to_left = _mm_abs_epi16(rise);
    const __m128i to_above = _mm_abs_epi16(run);
    const __m128i to_corner = _mm_abs_epi16(_mm_add_epi16(rise, run));
    const __m128i nearest = _mm_min_epi16(to_corner, _mm_min_epi16(to_left, to_above));
    const __m128i guess =
        _mm_blendv_epi8(_mm_blendv_epi8(corner, up, _mm_cmpeq_epi16(nearest, to_above)), left,
                        _mm_cmpeq_epi16(nearest, to_left));
    // Added as bytes: what overflows is lost, and the upper halves stay zero.
    left = _mm_add_epi8(guess, _mm_cvtepu8_epi16(LoadPixel(in + i)));
    corner = up;
    StorePixel(_mm_packus_epi16(left, left), out + i);
  }
}

template <size_t kPixel>
TESSERA_AVX2 void RestorePixels(PngFilter filter, const uint8_t* in, const uint8_t* above,
                                size_t bytes, uint8_t* out) {
  if (filter == PngFilter::kSub) {
    RestoreSub<kPixel>(in, bytes, out);
  } else if (filter == PngFilter::kAverage) {
    RestoreAverage<kPixel>(in, above, bytes, out);
  } else {
    RestorePaeth<kPixel>(in, above, bytes, out);
  }
}

TESSERA_AVX2 void RestoreUp(const uint8_t* in, const uint8_t* above, size_t bytes, uint8_t* out) {
  size_t i = 0;
  for (; i + 32 <= bytes; i += 32) {
    const __m256i difference = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
    const __m256i up = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(above + i));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), _mm256_add_epi8(difference, up));
  }
  for (; i < bytes; ++i) out[i] = static_cast<uint8_t>(in[i] + above[i]);
}

void Restore(PngFilter filter, const uint8_t* in, const uint8_t* above, size_t bytes,
             size_t pixel_bytes, uint8_t* out) {
  const bool along_the_row = filter != PngFilter::kNone && filter != PngFilter::kUp;
  if (filter == PngFilter::kUp) {
    RestoreUp(in, above, bytes, out);
  } else if (along_the_row && pixel_bytes == 3) {
    RestorePixels<3>(filter, in, above, bytes, out);
  } else if (along_the_row && pixel_bytes == 4) {
    RestorePixels<4>(filter, in, above, bytes, out);
  } else {
    PortableUnfilter().restore(filter, in, above, bytes, pixel_bytes, out);
  }
}

}  // namespace

const UnfilterKernels* Avx2Unfilter() {
  static constexpr UnfilterKernels kKernels = {Restore};
  return __builtin_cpu_supports("avx2") ? &kKernels : nullptr;
}

}  // namespace tessera::preprocess

#else

namespace tessera::preprocess {

const UnfilterKernels* Avx2Unfilter() { return nullptr; }

}  // namespace tessera::preprocess

#endif
