// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_VIPS_LOADER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_VIPS_LOADER_H_

#include <string_view>
#include <vips/vips8>

#include "services/preprocess/picture/picture_format.h"

namespace tessera::preprocess {

struct LoadRequest {
  PictureFormat format;
  uint32_t frame = 0;
  int shrink = 1;  // JPEG only: 1, 2, 4 or 8.
};

// Opens `file`, which must outlive the picture, with the loader of exactly that format: libvips
// would otherwise choose by content among all it has. Files that end early fail, oddities that
// cameras write do not. Throws vips::VError.
vips::VImage OpenWithVips(std::string_view file, const LoadRequest& request);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_STEPS_VIPS_LOADER_H_
