// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_REFERENCE_RESIZE_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_REFERENCE_RESIZE_H_

#include "tests/support/pictures/drawing.h"

namespace tessera::testing {

// Lanczos with three lobes in double precision, rounded once at the end: what every faster
// resampler is measured against. Weights as Pillow defines them.
Drawing ReferenceResize(const Drawing& picture, uint32_t width_px, uint32_t height_px);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_REFERENCE_RESIZE_H_
