// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/varied_jpegs.h"

#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

std::string Photo(const JpegSpec& spec) {
  static const auto& photo = *new Drawing(DrawPhoto(4032, 3024));
  return EncodeJpeg(photo, spec);
}

std::string OddPhoto(const JpegSpec& spec) {
  static const auto& photo = *new Drawing(DrawPhoto(4027, 3019, 2));
  return EncodeJpeg(photo, spec);
}

NamedJpeg PlainPhoto(uint32_t width_px, uint32_t height_px, uint64_t seed) {
  return {"photo " + std::to_string(width_px) + "x" + std::to_string(height_px) + " 4:2:0",
          [=] { return EncodeJpeg(DrawPhoto(width_px, height_px, seed)); }};
}

}  // namespace

const std::vector<NamedJpeg>& VariedJpegs() {
  static const auto& jpegs = *new std::vector<NamedJpeg>{
      {"photo 4032x3024 4:2:0 q90", [] { return Photo({}); }},
      {"photo 4032x3024 4:4:4 q95",
       [] { return Photo({.quality = 95, .subsampling = Subsampling::k444}); }},
      {"photo 4032x3024 4:2:2 q90", [] { return Photo({.subsampling = Subsampling::k422}); }},
      {"photo 4032x3024 4:4:0 q90", [] { return Photo({.subsampling = Subsampling::k440}); }},
      {"photo 4032x3024 progressive", [] { return Photo({.quality = 85, .progressive = true}); }},
      {"photo 4032x3024 restart", [] { return Photo({.restart_rows = 1}); }},
      {"photo 4032x3024 gray", [] { return Photo({.color = JpegColor::kGray}); }},
      {"photo 4027x3019 4:2:0", [] { return OddPhoto({}); }},
      {"photo 4027x3019 4:2:2", [] { return OddPhoto({.subsampling = Subsampling::k422}); }},
      PlainPhoto(3019, 4027, 3),
      PlainPhoto(1633, 1225, 4),
      PlainPhoto(1920, 1080, 5),
      PlainPhoto(1001, 751, 6),
      PlainPhoto(769, 577, 7),
      PlainPhoto(640, 480, 8),
      PlainPhoto(641, 479, 8),
      PlainPhoto(7001, 5003, 9),
      {"document 2480x3508", [] { return EncodeJpeg(DrawDocument(2480, 3508)); }},
      {"chart 3000x2000", [] { return EncodeJpeg(DrawChart(3000, 2000)); }},
      {"shape 2000x2000 4:4:4",
       [] {
         return EncodeJpeg(DrawShape(2000, 2000, Shape::kStar, kRed, kBlue),
                           {.subsampling = Subsampling::k444});
       }},
      {"gradient 3333x2222", [] { return EncodeJpeg(DrawGradient(3333, 2222)); }},
      {"zone plate 2999x2999", [] { return EncodeJpeg(DrawZonePlate(2999, 2999)); }},
  };
  return jpegs;
}

}  // namespace tessera::testing
