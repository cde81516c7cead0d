// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_VIPS_EVALUATE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_VIPS_EVALUATE_H_

#include <vips/vips8>

#include "absl/status/statusor.h"
#include "services/preprocess/picture/cancel_check.h"

namespace tessera::preprocess {

// libvips is lazy: building a picture moves no pixels. This moves them: the whole pipeline behind
// `image` runs, and the result lies in memory.
//
// `cancelled` is asked every few rows. Between two questions libvips may still finish what cannot
// be interrupted: one strip of rows, or the whole picture for HEIF, WebP, GIF, progressive JPEG
// and interlaced PNG. Returns the status of `cancelled` when it is not OK. Throws vips::VError when
// the pixels cannot be made.
absl::StatusOr<vips::VImage> Evaluate(vips::VImage image, CancelCheck cancelled);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_VIPS_EVALUATE_H_
