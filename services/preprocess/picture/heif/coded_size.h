// SPDX-License-Identifier: Apache-2.0
//
// How large the pictures inside an AVIF or HEIC file really are. The boxes around them may state
// anything; the decoders believe the coded data, and make room for it.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_CODED_SIZE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_CODED_SIZE_H_

#include <cstdint>
#include <string_view>

#include "services/preprocess/picture/heif/heif_file.h"

namespace tessera::preprocess {

struct CodedSize {
  uint64_t width_px = 0;
  uint64_t height_px = 0;

  uint64_t Pixels() const { return width_px * height_px; }
};

inline CodedSize Larger(CodedSize a, CodedSize b) { return a.Pixels() >= b.Pixels() ? a : b; }

// The largest picture that AV1 data can make a decoder allocate: what its sequence headers state,
// or where a frame header overrides that, the most it could say. `set_up` goes first: the contents
// of an av1C box behind its first four bytes.
CodedSize LargestAv1Size(std::string_view set_up, std::string_view obus);

// The largest picture that an HEVC set-up box, or data of NAL units behind lengths of four bytes,
// describes.
CodedSize LargestHevcSize(std::string_view hvcc_box);
CodedSize LargestHevcSizeOfUnits(std::string_view units);

// The largest of all in the file.
CodedSize LargestCodedSize(const HeifFile& file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_CODED_SIZE_H_
