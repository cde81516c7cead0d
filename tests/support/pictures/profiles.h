// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_PROFILES_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_PROFILES_H_

#include <string>

#include "tests/support/pictures/drawing.h"

namespace tessera::testing {

// ICC profiles made by LittleCMS.
std::string SrgbProfile();
std::string DisplayP3Profile();
std::string AdobeRgbProfile();
std::string ProPhotoProfile();
// Gray with a gamma curve.
std::string GrayProfile(double gamma);

// The colour that `color` in the space of `profile` is in sRGB, relative colorimetric, as
// LittleCMS computes it.
Color ToSrgb(const std::string& profile, Color color);

// CIE 2000 colour difference of two sRGB colours.
double DeltaE2000(Color a, Color b);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_PROFILES_H_
