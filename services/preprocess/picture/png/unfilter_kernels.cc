// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/unfilter_kernels.h"

#include <cstdlib>
#include <cstring>

namespace tessera::preprocess {
namespace {

uint8_t Paeth(int left, int above, int corner) {
  const int guess = left + above - corner;
  const int to_left = std::abs(guess - left);
  const int to_above = std::abs(guess - above);
  const int to_corner = std::abs(guess - corner);
  if (to_left <= to_above && to_left <= to_corner) return static_cast<uint8_t>(left);
  return static_cast<uint8_t>(to_above <= to_corner ? above : corner);
}

// The pixel size is a template parameter so that its bytes stay in registers.
template <size_t kPixel>
void RestoreAlong(PngFilter filter, const uint8_t* in, const uint8_t* above, size_t bytes,
                  uint8_t* out) {
  uint8_t left[kPixel] = {}, corner[kPixel] = {};
  for (size_t i = 0; i < bytes; i += kPixel) {
    for (size_t c = 0; c < kPixel; ++c) {
      uint8_t guess = left[c];
      if (filter == PngFilter::kAverage) {
        guess = static_cast<uint8_t>((left[c] + above[i + c]) / 2);
      } else if (filter == PngFilter::kPaeth) {
        guess = Paeth(left[c], above[i + c], corner[c]);
        corner[c] = above[i + c];
      }
      left[c] = out[i + c] = static_cast<uint8_t>(in[i + c] + guess);
    }
  }
}

void Restore(PngFilter filter, const uint8_t* in, const uint8_t* above, size_t bytes,
             size_t pixel_bytes, uint8_t* out) {
  if (filter == PngFilter::kNone) {
    std::memcpy(out, in, bytes);
  } else if (filter == PngFilter::kUp) {
    for (size_t i = 0; i < bytes; ++i) out[i] = static_cast<uint8_t>(in[i] + above[i]);
  } else if (pixel_bytes == 1) {
    RestoreAlong<1>(filter, in, above, bytes, out);
  } else if (pixel_bytes == 2) {
    RestoreAlong<2>(filter, in, above, bytes, out);
  } else if (pixel_bytes == 3) {
    RestoreAlong<3>(filter, in, above, bytes, out);
  } else {
    RestoreAlong<4>(filter, in, above, bytes, out);
  }
}

}  // namespace

const UnfilterKernels& PortableUnfilter() {
  static constexpr UnfilterKernels kKernels = {Restore};
  return kKernels;
}

const UnfilterKernels& BestUnfilter() {
  static const UnfilterKernels& best =
      Avx2Unfilter() != nullptr ? *Avx2Unfilter() : PortableUnfilter();
  return best;
}

}  // namespace tessera::preprocess
