// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_TIFF_TIFF_CLAIMS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_TIFF_TIFF_CLAIMS_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace tessera::preprocess {

// What a directory of a TIFF claims that its decoder would believe and make room for.
struct TiffClaims {
  uint64_t width_px = 0;
  uint64_t height_px = 0;
  // 0 where the picture is not in tiles.
  uint64_t tile_width_px = 0;
  uint64_t tile_height_px = 0;
  uint64_t icc_profile_bytes = 0;
};

// The claims of page `page`, counted from 0. Nothing when the file is damaged before its end is
// known, or the page lies behind so many others that nobody should walk there.
std::optional<TiffClaims> ReadTiffClaims(std::string_view file, uint32_t page);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_TIFF_TIFF_CLAIMS_H_
