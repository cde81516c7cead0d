// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/profiles.h"

#include <lcms2.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tessera::testing {
namespace {

constexpr cmsCIExyY kD65 = {0.3127, 0.3290, 1};
constexpr cmsCIExyY kD50 = {0.3457, 0.3585, 1};

// LittleCMS dates a profile by the clock, to the second (ICC.1:2010, 7.2.8): two of them
// would not always be equal.
constexpr size_t kDateOffset = 24;
constexpr std::string_view kDate("\x07\xd0\0\x01\0\x01\0\0\0\0\0\0", 12);  // 2000-01-01.

std::string Save(cmsHPROFILE profile) {
  cmsUInt32Number bytes = 0;
  cmsSaveProfileToMem(profile, nullptr, &bytes);
  std::string saved(bytes, '\0');
  cmsSaveProfileToMem(profile, saved.data(), &bytes);
  cmsCloseProfile(profile);
  return saved.replace(kDateOffset, kDate.size(), kDate);
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

// What light is left of red, green and blue after each ink.
constexpr double kPaper[3] = {0.93, 0.93, 0.90};
constexpr double kInks[4][3] = {
    {0.10, 0.45, 0.75}, {0.75, 0.12, 0.40}, {0.95, 0.85, 0.10}, {0.05, 0.05, 0.05}};

cmsInt32Number PressToLab(const cmsUInt16Number in[], cmsUInt16Number out[], void* to_lab) {
  double light[3];
  for (int c = 0; c < 3; ++c) {
    light[c] = kPaper[c];
    for (int i = 0; i < 4; ++i) light[c] *= 1 - in[i] / 65535.0 * (1 - kInks[i][c]);
  }
  cmsCIELab lab;
  cmsDoTransform(to_lab, light, &lab, 1);
  cmsFloat2LabEncoded(out, &lab);
  return TRUE;
}

// Gray for dark and a little saturated colours: enough to print something that can be told apart.
cmsInt32Number LabToPress(const cmsUInt16Number in[], cmsUInt16Number out[], void* to_rgb) {
  cmsCIELab lab;
  cmsLabEncoded2Float(&lab, in);
  double light[3];
  cmsDoTransform(to_rgb, &lab, light, 1);
  for (int c = 0; c < 3; ++c) {
    const double ink = 1 - std::clamp(light[c] / kPaper[c], 0.0, 1.0);
    out[c] = static_cast<cmsUInt16Number>(ink * 65535);
  }
  out[3] = 0;
  return TRUE;
}

// RGB of linear light.
cmsHPROFILE LinearRgb() {
  const cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
  cmsToneCurve* curve = cmsBuildGamma(nullptr, 1);
  cmsToneCurve* curves[] = {curve, curve, curve};
  cmsHPROFILE profile = cmsCreateRGBProfile(&kD65, &primaries, curves);
  cmsFreeToneCurve(curve);
  return profile;
}

void WriteTable(cmsHPROFILE profile, cmsTagSignature tag, uint32_t inputs, uint32_t outputs,
                cmsSAMPLER16 sampler, cmsHTRANSFORM transform) {
  cmsPipeline* pipeline = cmsPipelineAlloc(nullptr, inputs, outputs);
  cmsStage* table = cmsStageAllocCLut16bit(nullptr, inputs == 4 ? 9 : 17, inputs, outputs, nullptr);
  cmsStageSampleCLut16bit(table, sampler, transform, 0);
  cmsPipelineInsertStage(pipeline, cmsAT_BEGIN, table);
  cmsWriteTag(profile, tag, pipeline);
  cmsPipelineFree(pipeline);
}

class Transform {
 public:
  Transform(const std::string& from, cmsUInt32Number from_type, const std::string& to,
            cmsUInt32Number to_type) {
    cmsHPROFILE source = Open(from), target = Open(to);
    transform_ = cmsCreateTransform(source, from_type, target, to_type,
                                    INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
    cmsCloseProfile(source);
    cmsCloseProfile(target);
  }
  Transform(const Transform&) = delete;
  Transform& operator=(const Transform&) = delete;
  ~Transform() { cmsDeleteTransform(transform_); }

  void Run(const uint8_t* in, size_t pixels, uint8_t* out) const {
    cmsDoTransform(transform_, in, out, static_cast<cmsUInt32Number>(pixels));
  }

 private:
  static cmsHPROFILE Open(const std::string& profile) {
    return cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size()));
  }

  cmsHTRANSFORM transform_;
};

Drawing FromSamples(uint32_t width_px, uint32_t height_px, const std::vector<uint8_t>& rgb) {
  Drawing drawing(width_px, height_px, kBlack);
  for (uint32_t y = 0; y < height_px; ++y) {
    for (uint32_t x = 0; x < width_px; ++x) {
      const uint8_t* pixel = &rgb[(size_t{y} * width_px + x) * 3];
      drawing.Set(x, y, {pixel[0], pixel[1], pixel[2]});
    }
  }
  return drawing;
}

}  // namespace

std::string CmykProfile() {
  cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetProfileVersion(profile, 2.1);
  cmsSetDeviceClass(profile, cmsSigOutputClass);
  cmsSetColorSpace(profile, cmsSigCmykData);
  cmsSetPCS(profile, cmsSigLabData);
  cmsHPROFILE light = LinearRgb(), lab = cmsCreateLab4Profile(nullptr);
  cmsHTRANSFORM to_lab = cmsCreateTransform(light, TYPE_RGB_DBL, lab, TYPE_Lab_DBL,
                                            INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  cmsHTRANSFORM to_rgb = cmsCreateTransform(lab, TYPE_Lab_DBL, light, TYPE_RGB_DBL,
                                            INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE);
  WriteTable(profile, cmsSigAToB0Tag, 4, 3, PressToLab, to_lab);
  WriteTable(profile, cmsSigBToA0Tag, 3, 4, LabToPress, to_rgb);
  cmsWriteTag(profile, cmsSigMediaWhitePointTag, cmsD50_XYZ());
  cmsDeleteTransform(to_lab);
  cmsDeleteTransform(to_rgb);
  cmsCloseProfile(light);
  cmsCloseProfile(lab);
  return Save(profile);
}

Drawing FromSrgb(const std::string& profile, const Drawing& drawing) {
  std::vector<uint8_t> rgb(drawing.rgb().size());
  Transform(SrgbProfile(), TYPE_RGB_8, profile, TYPE_RGB_8)
      .Run(drawing.rgb().data(), rgb.size() / 3, rgb.data());
  return FromSamples(drawing.width_px(), drawing.height_px(), rgb);
}

Inks InksFor(const std::string& cmyk_profile, const Drawing& drawing) {
  Inks inks{drawing.width_px(), drawing.height_px(), {}};
  inks.cmyk.resize(drawing.rgb().size() / 3 * 4);
  Transform(SrgbProfile(), TYPE_RGB_8, cmyk_profile, TYPE_CMYK_8)
      .Run(drawing.rgb().data(), drawing.rgb().size() / 3, inks.cmyk.data());
  return inks;
}

Drawing ShowInks(const std::string& cmyk_profile, const Inks& inks) {
  std::vector<uint8_t> rgb(inks.cmyk.size() / 4 * 3);
  Transform(cmyk_profile, TYPE_CMYK_8, SrgbProfile(), TYPE_RGB_8)
      .Run(inks.cmyk.data(), rgb.size() / 3, rgb.data());
  return FromSamples(inks.width_px, inks.height_px, rgb);
}

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
