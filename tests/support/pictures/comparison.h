// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_COMPARISON_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_COMPARISON_H_

#include "tests/support/pictures/drawing.h"

namespace tessera::testing {

// Peak signal-to-noise ratio in dB over all samples; 99 for equal pictures, -1 when the sides
// differ. 30 is the same picture after hard compression, 50 is invisible.
double Psnr(const Drawing& a, const Drawing& b);

// The largest difference of any sample of two colours.
int Distance(Color a, Color b);

// A picture turned and mirrored so that a viewer who applies `exif` sees the original again: what
// a camera stores that was held in another way.
Drawing StoredFor(const Drawing& upright, int exif);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_COMPARISON_H_
