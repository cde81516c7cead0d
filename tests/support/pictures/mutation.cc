// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/mutation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/profiles.h"
#include "tests/support/pictures/random.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

// Headers are where a change matters most: half of all changes are among the first bytes.
constexpr uint32_t kHeaderBytes = 512;

constexpr std::array<uint32_t, 14> kExtremes = {
    0,      1,      0x7F,    0x80,       0xFF,       0x100,      0x7FFF,
    0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};

class Change {
 public:
  Change(Random& random, const std::vector<NamedFile>& originals, std::string& file)
      : random_(random), originals_(originals), file_(file) {}

  void Apply() {
    if (file_.empty()) return;
    switch (random_.Below(11)) {
      case 0:
        return Flip();
      case 1:
      case 2:
        file_[Place()] = static_cast<char>(random_.Below(256));
        return;
      case 3:
        return WriteNumber(2);
      case 4:
      case 5:
        return WriteNumber(4);
      case 6:
        file_.erase(Place(), Length());
        return;
      case 7:
        return Repeat();
      case 8:
        return Splice();
      case 9:
        return Fill();
      default:
        file_.resize(Place());
    }
  }

 private:
  size_t Place() {
    const auto size = static_cast<uint32_t>(file_.size());
    return random_.Below(random_.Below(2) == 0 ? std::min(size, kHeaderBytes) : size);
  }

  // Mostly short.
  size_t Length() { return 1 + random_.Below(1u << random_.Below(12)); }

  void Flip() {
    char& byte = file_[Place()];
    byte = static_cast<char>(byte ^ (1 << random_.Below(8)));
  }

  void WriteNumber(size_t bytes) {
    const uint32_t value = kExtremes[random_.Below(kExtremes.size())];
    const bool big_endian = random_.Below(2) == 0;
    const size_t at = Place();
    for (size_t i = 0; i < bytes && at + i < file_.size(); ++i) {
      file_[at + i] = static_cast<char>(value >> 8 * (big_endian ? bytes - 1 - i : i));
    }
  }

  void Repeat() {
    const std::string piece = file_.substr(Place(), Length());
    const uint32_t times = 1 + random_.Below(4);
    const size_t at = Place();
    for (uint32_t i = 0; i < times; ++i) file_.insert(at, piece);
  }

  void Splice() {
    const std::string& other = originals_[random_.Below(originals_.size())].file;
    const size_t from = random_.Below(static_cast<uint32_t>(other.size()));
    const std::string piece = other.substr(from, Length());
    file_.replace(Place(), random_.Below(2) == 0 ? piece.size() : 0, piece);
  }

  void Fill() {
    const size_t at = Place();
    const size_t length = std::min(Length(), file_.size() - at);
    file_.replace(at, length, length, static_cast<char>(random_.Below(2) == 0 ? 0 : 0xFF));
  }

  Random& random_;
  const std::vector<NamedFile>& originals_;
  std::string& file_;
};

}  // namespace

std::vector<NamedFile> MutationSeeds() {
  const Drawing photo = DrawPhoto(97, 66);
  const Drawing chart = DrawChart(80, 60);
  const std::vector<Drawing> frames = {DrawGradient(48, 40), DrawQuadrants(48, 40)};
  const std::string profile = DisplayP3Profile();
  const std::vector<uint8_t> alpha(size_t{97} * 66, 128);
  PngSpec palette;
  palette.palette_bits = 4;
  PngSpec interlaced;
  interlaced.interlaced = true;
  PngSpec deep;
  deep.bits_per_channel = 16;
  PngSpec filtered;
  filtered.filtered = true;
  filtered.alpha = alpha;
  filtered.orientation = 6;
  filtered.icc_profile = profile;
  RasterSpec turned;
  turned.orientation = 5;
  turned.icc_profile = profile;
  RasterSpec clear;
  clear.alpha = alpha;
  RasterSpec twelve_bits;
  twelve_bits.bits_per_channel = 12;
  JpegSpec tagged{.orientation = 6};
  tagged.icc_profile = profile;
  std::vector<NamedFile> seeds = {
      {"jpeg", EncodeJpeg(photo)},
      {"jpeg-444", EncodeJpeg(photo, {.subsampling = Subsampling::k444, .optimize = true})},
      {"jpeg-422", EncodeJpeg(photo, {.subsampling = Subsampling::k422, .restart_rows = 1})},
      {"jpeg-progressive", EncodeJpeg(photo, {.progressive = true})},
      {"jpeg-gray", EncodeJpeg(photo, {.color = JpegColor::kGray})},
      {"jpeg-cmyk", EncodeJpeg(photo, {.color = JpegColor::kCmyk})},
      {"jpeg-tagged", EncodeJpeg(photo, tagged)},
      {"png", EncodePng(chart)},
      {"png-filtered", EncodePng(photo, filtered)},
      {"png-palette", EncodePng(chart, palette)},
      {"png-interlaced", EncodePng(chart, interlaced)},
      {"png-16", EncodePng(chart, deep)},
      {"webp", EncodeWebp(photo)},
      {"webp-lossless", EncodeWebp(chart, {}, 90, true)},
      {"webp-tagged", EncodeWebp(photo, turned)},
      {"webp-alpha", EncodeWebp(photo, clear)},
      {"webp-animated", EncodeAnimatedWebp(frames)},
      {"gif", EncodeGif(chart)},
      {"gif-animated", EncodeAnimatedGif(frames)},
      {"tiff", EncodeTiff(photo, turned)},
      {"tiff-plain", EncodeTiff(photo, {}, TiffStorage::kPlain)},
      {"tiff-lzw", EncodeTiff(photo, clear, TiffStorage::kLzw)},
      {"tiff-jpeg", EncodeTiff(photo, {}, TiffStorage::kJpeg)},
      {"tiff-tiles", EncodeTiff(photo, {}, TiffStorage::kTiles)},
      {"tiff-big", EncodeTiff(photo, {}, TiffStorage::kBig)},
      {"tiff-bilevel", EncodeBilevelTiff(chart)},
      {"tiff-pages", EncodeMultiPageTiff(frames)},
      {"avif", EncodeAvif(photo)},
      {"avif-tagged", EncodeAvif(photo, turned)},
      {"avif-alpha", EncodeAvif(photo, clear)},
      {"avif-12", EncodeAvif(chart, twelve_bits)},
  };
  if (CanEncodeHeic()) seeds.push_back({"heic", EncodeHeic(photo)});
  return seeds;
}

NamedFile Mutations::Make(uint64_t i) const {
  Random random(Random::Mix(seed_ * 0x1'0000'0001ull + i));
  NamedFile made = originals_[i % originals_.size()];
  Change change(random, originals_, made.file);
  for (uint32_t count = 1 + random.Below(8); count > 0; --count) change.Apply();
  return made;
}

}  // namespace tessera::testing
