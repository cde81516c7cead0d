// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SUPPORT_PICTURES_PROFILES_H_
#define TESSERA_TESTS_SUPPORT_PICTURES_PROFILES_H_

#include <string>

#include "tests/support/pictures/drawing.h"
#include "tests/support/pictures/encoding.h"

namespace tessera::testing {

// ICC profiles made by LittleCMS; the same bytes at every call.
std::string SrgbProfile();
std::string DisplayP3Profile();
std::string AdobeRgbProfile();
std::string ProPhotoProfile();
// Gray with a gamma curve.
std::string GrayProfile(double gamma);

// An imaginary press: inks that darken as light passes through them, and a paper that is not quite
// white.
std::string CmykProfile();

// `drawing` as a file in the space of `profile` must store it, to look like `drawing` to a viewer
// who applies the profile: colours outside of that space come back changed.
Drawing FromSrgb(const std::string& profile, const Drawing& drawing);
Inks InksFor(const std::string& cmyk_profile, const Drawing& drawing);

// What such inks look like, as LittleCMS computes it.
Drawing ShowInks(const std::string& cmyk_profile, const Inks& inks);

// The colour that `color` in the space of `profile` is in sRGB, relative colorimetric, as
// LittleCMS computes it.
Color ToSrgb(const std::string& profile, Color color);

// CIE 2000 colour difference of two sRGB colours.
double DeltaE2000(Color a, Color b);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_PICTURES_PROFILES_H_
