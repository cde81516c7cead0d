// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_EXIF_ORIENTATION_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_EXIF_ORIENTATION_H_

#include <string_view>

namespace tessera::preprocess {

// The orientation, 1 to 8, that an EXIF block states in its first directory; 1 when it states none
// or nonsense. `exif` starts with its byte order ("II" or "MM"), or with "Exif\0\0" before that.
// Follows no offset but the one to the first directory, so a block that points at itself costs
// nothing.
int ReadExifOrientation(std::string_view exif);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_EXIF_ORIENTATION_H_
