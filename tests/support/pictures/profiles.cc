// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/profiles.h"

#include <lcms2.h>

#include <cstdint>

namespace tessera::testing {
namespace {

constexpr cmsCIExyY kD65 = {0.3127, 0.3290, 1};
constexpr cmsCIExyY kD50 = {0.3457, 0.3585, 1};

std::string Save(cmsHPROFILE profile) {
  cmsUInt32Number bytes = 0;
  cmsSaveProfileToMem(profile, nullptr, &bytes);
  std::string saved(bytes, '\0');
  cmsSaveProfileToMem(profile, saved.data(), &bytes);
  cmsCloseProfile(profile);
  return saved;
}

std::string RgbProfile(const cmsCIExyY& white, const cmsCIExyYTRIPLE& primaries,
                       cmsToneCurve* curve) {
  cmsToneCurve* curves[] = {curve, curve, curve};
  std::string saved = Save(cmsCreateRGBProfile(&white, &primaries, curves));
  cmsFreeToneCurve(curve);
  return saved;
}

cmsToneCurve* SrgbCurve() {
  const cmsFloat64Number parameters[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  return cmsBuildParametricToneCurve(nullptr, 4, parameters);
}

}  // namespace

std::string SrgbProfile() { return Save(cmsCreate_sRGBProfile()); }

std::string DisplayP3Profile() {
  return RgbProfile(kD65, {{0.680, 0.320, 1}, {0.265, 0.690, 1}, {0.150, 0.060, 1}}, SrgbCurve());
}

std::string AdobeRgbProfile() {
  return RgbProfile(kD65, {{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}},
                    cmsBuildGamma(nullptr, 563.0 / 256));
}

std::string ProPhotoProfile() {
  return RgbProfile(kD50, {{0.7347, 0.2653, 1}, {0.1596, 0.8404, 1}, {0.0366, 0.0001, 1}},
                    cmsBuildGamma(nullptr, 1.8));
}

std::string GrayProfile(double gamma) {
  cmsToneCurve* curve = cmsBuildGamma(nullptr, gamma);
  std::string saved = Save(cmsCreateGrayProfile(cmsD50_xyY(), curve));
  cmsFreeToneCurve(curve);
  return saved;
}

Color ToSrgb(const std::string& profile, Color color) {
  cmsHPROFILE from =
      cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size()));
  cmsHPROFILE to = cmsCreate_sRGBProfile();
  const bool gray = cmsGetColorSpace(from) == cmsSigGrayData;
  cmsHTRANSFORM transform =
      cmsCreateTransform(from, gray ? TYPE_GRAY_8 : TYPE_RGB_8, to, TYPE_RGB_8,
                         INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  const uint8_t in[] = {color.red, color.green, color.blue};
  uint8_t out[3] = {};
  cmsDoTransform(transform, in, out, 1);
  cmsDeleteTransform(transform);
  cmsCloseProfile(from);
  cmsCloseProfile(to);
  return {out[0], out[1], out[2]};
}

double DeltaE2000(Color a, Color b) {
  cmsHPROFILE srgb = cmsCreate_sRGBProfile();
  cmsHPROFILE lab = cmsCreateLab4Profile(nullptr);
  cmsHTRANSFORM transform = cmsCreateTransform(srgb, TYPE_RGB_8, lab, TYPE_Lab_DBL,
                                               INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  const uint8_t in[] = {a.red, a.green, a.blue, b.red, b.green, b.blue};
  cmsCIELab out[2];
  cmsDoTransform(transform, in, out, 2);
  cmsDeleteTransform(transform);
  cmsCloseProfile(srgb);
  cmsCloseProfile(lab);
  return cmsCIE2000DeltaE(&out[0], &out[1], 1, 1, 1);
}

}  // namespace tessera::testing
