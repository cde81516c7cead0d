// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_TRUNCATION_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_TRUNCATION_H_

#include <string_view>

#include "services/preprocess/picture/picture_format.h"

namespace tessera::preprocess {

// Whether the structure of `file` says that its end is missing: a box, chunk or segment that
// reaches beyond the last byte, or no end mark. Asked about files that could not be decoded, to
// tell a cut file from a damaged one; for WebP, whose answer is certain, also beforehand, to spare
// the decoding.
bool LooksTruncated(PictureFormat format, std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_TRUNCATION_H_
