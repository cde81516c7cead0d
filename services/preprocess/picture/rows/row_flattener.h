// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_ROW_FLATTENER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_ROW_FLATTENER_H_

#include <cstddef>
#include <cstdint>

#include "services/preprocess/picture/picture_options.h"

namespace tessera::preprocess {

// Lays `pixels` pixels with straight alpha over a background: `in` is gray and alpha (2 channels)
// or RGB and alpha (4), `out` is opaque RGB. Each sample is rounded to nearest.
void FlattenRow(const uint8_t* in, size_t channels, size_t pixels, const Rgb& background,
                uint8_t* out);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_ROW_FLATTENER_H_
