// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/correctness_cases.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "tests/support/pictures/comparison.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/heif_boxes.h"
#include "tests/support/pictures/png_parts.h"
#include "tests/support/pictures/profiles.h"

namespace tessera::testing {
namespace {

constexpr uint32_t kWidth = 240, kHeight = 160;
constexpr double kExact = 99, kRounded = 46, kLossy = 32, kCoarse = 26;

// A card that looks wrong as soon as it is turned, mirrored, cropped or coloured otherwise.
Drawing Card(const std::string& word = "TOP") {
  Drawing card(kWidth, kHeight, {232, 236, 240});
  const Color patches[] = {{200, 60, 50},   {60, 150, 70},  {50, 80, 180},  {225, 190, 60},
                           {205, 150, 120}, {120, 70, 140}, {40, 140, 160}, {128, 128, 128}};
  for (uint32_t i = 0; i < 8; ++i) {
    card.FillRectangle(10 + i * 28, 112, 34 + i * 28, 136, patches[i]);
  }
  for (uint32_t x = 0; x < 224; ++x) {
    const auto gray = static_cast<uint8_t>(x * 255 / 223);
    card.FillRectangle(8 + x, 142, 9 + x, 154, {gray, gray, gray});
  }
  card.Text(12, 10, 34, word, kBlack);
  card.FillPolygon({{190, 8}, {222, 50}, {158, 50}}, {200, 60, 50});
  card.FillRectangle(180, 50, 200, 100, {200, 60, 50});
  card.FillEllipse(40, 80, 26, 18, {50, 80, 180});
  return card;
}

Drawing Gray(const Drawing& drawing) {
  Drawing gray(drawing.width_px(), drawing.height_px(), kBlack);
  for (uint32_t y = 0; y < drawing.height_px(); ++y) {
    for (uint32_t x = 0; x < drawing.width_px(); ++x) {
      const Color c = drawing.At(x, y);
      const auto luma = static_cast<uint8_t>((c.red * 299 + c.green * 587 + c.blue * 114) / 1000);
      gray.Set(x, y, {luma, luma, luma});
    }
  }
  return gray;
}

// Every sample rounded down to as many levels as so many bits have.
Drawing WithLevels(const Drawing& drawing, int bits) {
  Drawing out(drawing.width_px(), drawing.height_px(), kBlack);
  const int most = (1 << bits) - 1;
  const auto round = [&](uint8_t v) {
    return static_cast<uint8_t>((v >> (8 - bits)) * 255 / most);
  };
  for (uint32_t y = 0; y < drawing.height_px(); ++y) {
    for (uint32_t x = 0; x < drawing.width_px(); ++x) {
      const Color c = drawing.At(x, y);
      out.Set(x, y, {round(c.red), round(c.green), round(c.blue)});
    }
  }
  return out;
}

// A round window: opaque in the middle, soft at the rim, transparent outside.
std::vector<uint8_t> Window() {
  std::vector<uint8_t> alpha(size_t{kWidth} * kHeight);
  for (uint32_t y = 0; y < kHeight; ++y) {
    for (uint32_t x = 0; x < kWidth; ++x) {
      const double beyond = std::hypot((x - 120.0) / 110, (y - 80.0) / 72) - 1;
      alpha[size_t{y} * kWidth + x] =
          static_cast<uint8_t>(std::clamp(127 - beyond * 900, 0.0, 255.0));
    }
  }
  return alpha;
}

Drawing Over(const Drawing& drawing, const std::vector<uint8_t>& alpha) {
  Drawing out(drawing.width_px(), drawing.height_px(), kCaseBackground);
  for (uint32_t y = 0; y < out.height_px(); ++y) {
    for (uint32_t x = 0; x < out.width_px(); ++x) {
      out.Blend(x, y, drawing.At(x, y), alpha[size_t{y} * out.width_px() + x] / 255.0);
    }
  }
  return out;
}

template <typename Spec>
Spec With(std::function<void(Spec&)> change) {
  Spec spec;
  change(spec);
  return spec;
}

PngSpec Png(std::function<void(PngSpec&)> change) { return With<PngSpec>(std::move(change)); }
RasterSpec Raster(std::function<void(RasterSpec&)> change) {
  return With<RasterSpec>(std::move(change));
}

void AddOrientations(std::vector<CorrectnessCase>& cases) {
  const Drawing card = Card();
  for (int exif = 1; exif <= 8; ++exif) {
    const Drawing stored = StoredFor(card, exif);
    const std::string name = "EXIF " + std::to_string(exif);
    const auto raster = Raster([&](RasterSpec& s) { s.orientation = exif; });
    const auto png = Png([&](PngSpec& s) { s.orientation = exif; });
    cases.push_back(
        {"JPEG, " + name, EncodeJpeg(stored, {.quality = 95, .orientation = exif}), card, kLossy});
    cases.push_back({"JPEG progressive, " + name,
                     EncodeJpeg(stored, {.quality = 95, .progressive = true, .orientation = exif}),
                     card, kLossy, 0, false});
    cases.push_back({"PNG eXIf, " + name, EncodePng(stored, png), card, kExact, 0, exif == 3});
    cases.push_back(
        {"WebP, " + name, EncodeWebp(stored, raster, 90, true), card, kExact, 0, exif == 8});
    cases.push_back(
        {"WebP lossy, " + name, EncodeWebp(stored, raster, 95), card, kCoarse, 0, false});
    cases.push_back({"TIFF, " + name, EncodeTiff(stored, raster), card, kExact, 0, exif == 5});
  }
  const std::string avif = EncodeAvif(card, {}, 95);
  // A file that is to be turned to the left holds the scene turned to the right, which is what EXIF
  // calls 8; and so on.
  const int exif_of_turns[] = {1, 8, 3, 6};
  for (int turns = 1; turns <= 3; ++turns) {
    const std::string stored = EncodeAvif(StoredFor(card, exif_of_turns[turns]), {}, 95);
    cases.push_back({"AVIF turned " + std::to_string(turns * 90), WithHeifRotation(stored, turns),
                     card, kLossy});
  }
  cases.push_back({"AVIF top and bottom swapped",
                   WithHeifMirror(EncodeAvif(StoredFor(card, 4), {}, 95), 0), card, kLossy});
  cases.push_back({"AVIF left and right swapped",
                   WithHeifMirror(EncodeAvif(StoredFor(card, 2), {}, 95), 1), card, kLossy});
  // Its own turn is all there is: EXIF is not applied on top.
  const auto with_exif = Raster([](RasterSpec& s) { s.orientation = 6; });
  cases.push_back({"AVIF, EXIF 6 not applied", EncodeAvif(card, with_exif, 95), card, kLossy});
  if (!CanEncodeHeic()) return;
  cases.push_back(
      {"HEIC turned 90", WithHeifRotation(EncodeHeic(StoredFor(card, 8), 95), 1), card, kLossy});
}

void AddColorSpaces(std::vector<CorrectnessCase>& cases) {
  const Drawing card = Card();
  const std::pair<std::string, std::string> profiles[] = {{"sRGB", SrgbProfile()},
                                                          {"Display P3", DisplayP3Profile()},
                                                          {"Adobe RGB", AdobeRgbProfile()},
                                                          {"ProPhoto", ProPhotoProfile()}};
  for (const auto& [name, profile] : profiles) {
    const Drawing stored = FromSrgb(profile, card);
    // Clang 14 lets no lambda capture the binding itself.
    const auto png = Png([&p = profile](PngSpec& s) { s.icc_profile = p; });
    const auto raster = Raster([&p = profile](RasterSpec& s) { s.icc_profile = p; });
    const bool shown = name != "sRGB";
    // Eight bits of ProPhoto are coarse.
    const double near = name == "ProPhoto" ? 40 : kRounded;
    cases.push_back({"PNG, " + name, EncodePng(stored, png), card, near, 0, shown});
    cases.push_back(
        {"JPEG, " + name,
         EncodeJpeg(stored,
                    {.quality = 97, .subsampling = Subsampling::k444, .icc_profile = profile}),
         card, kLossy, 0, shown});
    cases.push_back({"WebP, " + name, EncodeWebp(stored, raster, 90, true), card, near, 0, false});
    cases.push_back({"TIFF, " + name, EncodeTiff(stored, raster), card, near, 0, false});
    cases.push_back({"AVIF, " + name, EncodeAvif(stored, raster, 97), card, kLossy, 0, false});
    const auto deep = Png([&p = profile](PngSpec& s) {
      s.icc_profile = p;
      s.bits_per_channel = 16;
    });
    cases.push_back({"PNG 16 bits, " + name, EncodePng(stored, deep), card, near, 0, false});
  }
  const std::string press = CmykProfile();
  const Inks inks = InksFor(press, card);
  const Drawing printed = ShowInks(press, inks);
  cases.push_back(
      {"CMYK JPEG with profile",
       EncodeCmykJpeg(inks,
                      {.quality = 97, .subsampling = Subsampling::k444, .icc_profile = press}),
       printed, kLossy});
  cases.push_back({"CMYK TIFF with profile", EncodeCmykTiff(inks, press), printed, 40});
}

void AddDepths(std::vector<CorrectnessCase>& cases) {
  const Drawing card = Card(), gray = Gray(card);
  for (int bits : {1, 2, 4, 8}) {
    std::string rows;
    for (uint32_t y = 0; y < kHeight; ++y) {
      rows += '\0';
      int filled = 0, byte = 0;
      for (uint32_t x = 0; x < kWidth; ++x) {
        byte = byte << bits | gray.At(x, y).red >> (8 - bits);
        filled += bits;
        if (filled < 8 && x + 1 < kWidth) continue;
        rows += static_cast<char>(byte << (8 - filled));
        filled = byte = 0;
      }
    }
    cases.push_back({"PNG gray, " + std::to_string(bits) + " bits",
                     PngOfRows(kWidth, kHeight, bits, 0, rows), WithLevels(gray, bits), kExact});
    const auto palette = Png([&](PngSpec& s) { s.palette_bits = bits; });
    // As many colours as that many bits can name, evenly spread: nothing is left to the quantiser.
    const Drawing few = WithLevels(gray, bits);
    cases.push_back({"PNG palette, " + std::to_string(bits) + " bits", EncodePng(few, palette), few,
                     bits == 8 ? 34.0 : 40.0});
  }
  const auto deep = Png([](PngSpec& s) { s.bits_per_channel = 16; });
  const auto deep_gray = Png([](PngSpec& s) {
    s.bits_per_channel = 16;
    s.gray = true;
  });
  const auto interlaced = Png([](PngSpec& s) { s.interlaced = true; });
  const auto deep_raster = Raster([](RasterSpec& s) { s.bits_per_channel = 16; });
  const auto twelve_bits = Raster([](RasterSpec& s) { s.bits_per_channel = 12; });
  cases.push_back({"PNG 16 bits", EncodePng(card, deep), card, kExact, 0, false});
  cases.push_back({"PNG gray, 16 bits", EncodePng(gray, deep_gray), gray, kExact, 0, false});
  cases.push_back({"PNG interlaced", EncodePng(card, interlaced), card, kExact, 0, false});
  cases.push_back({"TIFF 16 bits", EncodeTiff(card, deep_raster), card, kExact, 0, false});
  cases.push_back({"AVIF 12 bits", EncodeAvif(card, twelve_bits, 85), card, kLossy, 0, false});
  cases.push_back({"TIFF 1 bit, fax", EncodeBilevelTiff(gray), WithLevels(gray, 1), kExact});
  cases.push_back({"JPEG gray", EncodeJpeg(card, {.quality = 95, .color = JpegColor::kGray}), gray,
                   kLossy, 0, false});
  cases.push_back({"JPEG stored as RGB",
                   EncodeJpeg(card, {.quality = 95, .color = JpegColor::kRgb}), card, kLossy, 0,
                   false});
}

// Every pixel of one colour is transparent.
CorrectnessCase ColorKeyed() {
  const Drawing card = Card();
  const Color key = card.At(0, 0);
  std::string rows;
  std::vector<uint8_t> alpha;
  for (uint32_t y = 0; y < kHeight; ++y) {
    rows += '\0';
    for (uint32_t x = 0; x < kWidth; ++x) {
      const Color c = card.At(x, y);
      for (uint8_t sample : {c.red, c.green, c.blue}) rows += static_cast<char>(sample);
      alpha.push_back(c == key ? 0 : 255);
    }
  }
  const std::string transparent = PngChunkBytes(
      "tRNS", BigEndian(key.red, 2) + BigEndian(key.green, 2) + BigEndian(key.blue, 2));
  return {"PNG, one colour transparent",
          WithPngChunk(PngOfRows(kWidth, kHeight, 8, 2, rows), transparent), Over(card, alpha),
          kExact};
}

void AddTransparency(std::vector<CorrectnessCase>& cases) {
  const Drawing card = Card();
  const std::vector<uint8_t> window = Window();
  const Drawing seen = Over(card, window);
  const auto png = Png([&](PngSpec& s) { s.alpha = window; });
  const auto gray = Png([&](PngSpec& s) {
    s.alpha = window;
    s.gray = true;
  });
  const auto deep = Png([&](PngSpec& s) {
    s.alpha = window;
    s.bits_per_channel = 16;
  });
  const auto palette = Png([&](PngSpec& s) {
    s.alpha = window;
    s.palette_bits = 8;
  });
  const auto raster = Raster([&](RasterSpec& s) { s.alpha = window; });
  cases.push_back({"PNG with alpha", EncodePng(card, png), seen, kRounded});
  cases.push_back(
      {"PNG gray with alpha", EncodePng(Gray(card), gray), Over(Gray(card), window), kRounded});
  cases.push_back({"PNG 16 bits with alpha", EncodePng(card, deep), seen, kRounded, 0, false});
  cases.push_back({"PNG palette with alpha", EncodePng(card, palette), seen, kCoarse});
  cases.push_back(ColorKeyed());
  cases.push_back({"WebP with alpha", EncodeWebp(card, raster, 90, true), seen, kRounded});
  cases.push_back({"WebP lossy with alpha", EncodeWebp(card, raster, 95), seen, kCoarse, 0, false});
  cases.push_back({"TIFF with alpha", EncodeTiff(card, raster), seen, kRounded, 0, false});
  cases.push_back({"AVIF with alpha", EncodeAvif(card, raster, 95), seen, 30});
  const std::string profile = DisplayP3Profile();
  const auto both = Png([&](PngSpec& s) {
    s.alpha = window;
    s.icc_profile = profile;
  });
  cases.push_back(
      {"PNG with alpha, Display P3", EncodePng(FromSrgb(profile, card), both), seen, 42});
}

void AddFramesAndStorage(std::vector<CorrectnessCase>& cases) {
  const std::vector<Drawing> frames = {Card("ONE"), Card("TWO"), Card("THREE")};
  const std::pair<std::string, std::string> animations[] = {{"GIF", EncodeAnimatedGif(frames)},
                                                            {"WebP", EncodeAnimatedWebp(frames)},
                                                            {"TIFF", EncodeMultiPageTiff(frames)},
                                                            {"AVIF", EncodeMultiPageAvif(frames)}};
  for (const auto& [format, file] : animations) {
    const double near = format == "AVIF" ? 30 : format == "GIF" ? 25 : kExact;
    for (uint32_t frame = 0; frame < 3; ++frame) {
      cases.push_back({format + ", frame " + std::to_string(frame), file, frames[frame], near,
                       frame, frame == 1});
    }
  }
  const Drawing card = Card();
  const std::string jpeg = EncodeJpeg(card, {.quality = 95});
  const Drawing gains = Gray(card);
  cases.push_back({"JPEG with a gain map behind it", jpeg + EncodeJpeg(gains), card, kLossy});
  cases.push_back({"JPEG with restart marks", EncodeJpeg(card, {.quality = 95, .restart_rows = 1}),
                   card, kLossy, 0, false});
  for (const auto& [name, storage] :
       {std::pair{"plain", TiffStorage::kPlain}, std::pair{"LZW", TiffStorage::kLzw},
        std::pair{"tiles", TiffStorage::kTiles}, std::pair{"BigTIFF", TiffStorage::kBig}}) {
    cases.push_back(
        {std::string("TIFF, ") + name, EncodeTiff(card, {}, storage), card, kExact, 0, false});
  }
  cases.push_back(
      {"TIFF, JPEG inside", EncodeTiff(card, {}, TiffStorage::kJpeg), card, kLossy, 0, false});
}

}  // namespace

std::vector<CorrectnessCase> CorrectnessCases() {
  std::vector<CorrectnessCase> cases;
  AddOrientations(cases);
  AddColorSpaces(cases);
  AddDepths(cases);
  AddTransparency(cases);
  AddFramesAndStorage(cases);
  return cases;
}

}  // namespace tessera::testing
