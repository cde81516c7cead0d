// SPDX-License-Identifier: Apache-2.0
//
// PNG stores most rows as differences to their neighbours; these undo that. Every version computes
// the same bytes.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_UNFILTER_KERNELS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_UNFILTER_KERNELS_H_

#include <cstddef>
#include <cstdint>

namespace tessera::preprocess {

enum class PngFilter : uint8_t { kNone, kSub, kUp, kAverage, kPaeth };

struct UnfilterKernels {
  // Restores one row of `bytes` bytes, a multiple of `pixel_bytes` (1 to 4). `above` is the row
  // before, restored; zeros for the first row. None of the three may overlap. One byte more than
  // `bytes` must be readable in `in` and `above` and writable in `out`.
  void (*restore)(PngFilter filter, const uint8_t* in, const uint8_t* above, size_t bytes,
                  size_t pixel_bytes, uint8_t* out);
};

// Plain C++, for every processor.
const UnfilterKernels& PortableUnfilter();

// Null when this processor, or the one this was compiled for, has no AVX2.
const UnfilterKernels* Avx2Unfilter();

// The fastest that this processor can run; decided once.
const UnfilterKernels& BestUnfilter();

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_UNFILTER_KERNELS_H_
