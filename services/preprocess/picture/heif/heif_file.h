// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_HEIF_FILE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_HEIF_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera::preprocess {

// One coded picture of an AVIF or HEIC file.
struct HeifItem {
  std::string type;     // "av01", "hvc1" or "hev1".
  std::string payload;  // Its bytes as the decoder will get them.
};

// What lies in the boxes of an AVIF or HEIC file, as far as it decides how much room a decoder
// takes.
struct HeifFile {
  // The largest size that the boxes state for any picture or tile.
  uint64_t stated_width_px = 0;
  uint64_t stated_height_px = 0;
  uint64_t icc_profile_bytes = 0;
  // Decoder set-up: contents of all av1C and hvcC boxes.
  std::vector<std::string_view> configurations;
  std::vector<HeifItem> items;
  // There are more items, or more pieces of them, than anybody writes, or they claim more bytes
  // than the file has: what was found is not all.
  bool overfull = false;
};

// Reads the boxes of a damaged file as far as they make sense. Takes no more memory than the file.
HeifFile ReadHeifFile(std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_HEIF_HEIF_FILE_H_
