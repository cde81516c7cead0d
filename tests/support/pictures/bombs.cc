// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/bombs.h"

#include <cstdint>
#include <utility>

#include "tests/support/pictures/damage.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/png_parts.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::testing {
namespace {

constexpr size_t kMiB = 1 << 20;

std::string LittleEndian(uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::string JpegSegment(int marker, const std::string& content) {
  return std::string("\xFF") + static_cast<char>(marker) + BigEndian(content.size() + 2, 2) +
         content;
}

std::string BehindJpegStart(const std::string& jpeg, const std::string& segments) {
  return jpeg.substr(0, 2) + segments + jpeg.substr(2);
}

std::string SmallJpeg() { return EncodeJpeg(DrawGradient(64, 64)); }
std::string SmallPng() { return EncodePng(DrawGradient(64, 64)); }

// 255 parts of 64 KB are all that a JPEG can hold.
std::string JpegWithProfileOf16Mib() {
  std::string segments;
  for (int i = 1; i <= 255; ++i) {
    segments += JpegSegment(0xE2, std::string("ICC_PROFILE\0", 12) + static_cast<char>(i) +
                                      static_cast<char>(255) + std::string(65'519, 'p'));
  }
  return BehindJpegStart(SmallJpeg(), segments);
}

// Each scan of a progressive file visits all of its blocks, and says so in twelve bytes.
std::string JpegOfThousandsOfScans() {
  std::string file = EncodeJpeg(Drawing(8000, 6000, kWhite), {.progressive = true});
  file.resize(file.size() - 2);
  const std::string scan =
      JpegSegment(0xDA, std::string("\1\1\0\1\5\0", 6)) + std::string("\xE0\x7F\xFF", 3);
  for (int i = 0; i < 20'000; ++i) file += scan;
  return file + "\xFF\xD9";
}

// An EXIF block whose directory names itself as the next one, and as its own sub-directory.
std::string LoopingExif() {
  std::string exif("Exif\0\0", 6);
  std::string tiff = "II*" + std::string(1, '\0') + LittleEndian(8, 4) + LittleEndian(3, 2);
  for (int tag : {0x8769, 0x8825, 0xA005}) {  // EXIF, GPS and interoperability directories.
    tiff += LittleEndian(static_cast<uint64_t>(tag), 2) + LittleEndian(4, 2) + LittleEndian(1, 4) +
            LittleEndian(8, 4);
  }
  return exif + tiff + LittleEndian(8, 4);
}

std::string TiffEntry(int tag, int type, uint64_t count, uint64_t value) {
  return LittleEndian(static_cast<uint64_t>(tag), 2) +
         LittleEndian(static_cast<uint64_t>(type), 2) + LittleEndian(count, 4) +
         LittleEndian(value, 4);
}

struct TiffClaims {
  uint64_t width_px = 64, height_px = 64;
  uint64_t tile_px = 0;  // 0 for strips.
  std::string more_entries;
  int more_count = 0;
  std::string behind;  // What the entries point at, from byte 1024 on.
  uint64_t next_directory = 0;
};

// One directory, gray, 64 x 64 black pixels at byte 4096.
std::string Tiff(const TiffClaims& claims) {
  const bool tiled = claims.tile_px != 0;
  std::string entries = TiffEntry(256, 4, 1, claims.width_px) +
                        TiffEntry(257, 4, 1, claims.height_px) + TiffEntry(258, 3, 1, 8) +
                        TiffEntry(259, 3, 1, 1) + TiffEntry(262, 3, 1, 1);
  int count = 5;
  if (!tiled) {
    entries += TiffEntry(273, 4, 1, 4096) + TiffEntry(278, 4, 1, claims.height_px) +
               TiffEntry(279, 4, 1, 4096);
    count += 3;
  } else {
    entries += TiffEntry(322, 4, 1, claims.tile_px) + TiffEntry(323, 4, 1, claims.tile_px) +
               TiffEntry(324, 4, 1, 4096) + TiffEntry(325, 4, 1, 4096);
    count += 4;
  }
  std::string file = "II*" + std::string(1, '\0') + LittleEndian(8, 4) +
                     LittleEndian(static_cast<uint64_t>(count + claims.more_count), 2) + entries +
                     claims.more_entries + LittleEndian(claims.next_directory, 4);
  file.resize(1024);
  file += claims.behind;
  if (file.size() < 8192) file.resize(8192);
  return file;
}

std::string TiffWithProfile(size_t bytes) {
  return Tiff({.more_entries = TiffEntry(34675, 7, bytes, 8192),
               .more_count = 1,
               .behind = std::string(8192 - 1024 + bytes, 'p')});
}

// As many directories as fit, each of one entry, one after the other.
std::string TiffOfManyDirectories(size_t count, bool looping) {
  std::string file = Tiff({.next_directory = 8192});
  for (size_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    file += LittleEndian(1, 2) + TiffEntry(256, 4, 1, 64) +
            LittleEndian(last ? (looping ? 8 : 0) : file.size() + 18, 4);
  }
  return file;
}

std::string WebpChunk(const std::string& name, const std::string& content) {
  return name + LittleEndian(content.size(), 4) + content + std::string(content.size() % 2, '\0');
}

std::string WebpFile(const std::string& chunks) {
  return "RIFF" + LittleEndian(chunks.size() + 4, 4) + "WEBP" + chunks;
}

std::string WebpWithProfile(size_t bytes) {
  const std::string still = EncodeWebp(DrawGradient(64, 64));
  const std::string flags =
      std::string("\x20\0\0\0", 4) + LittleEndian(63, 3) + LittleEndian(63, 3);
  return WebpFile(WebpChunk("VP8X", flags) + WebpChunk("ICCP", std::string(bytes, 'p')) +
                  still.substr(12));
}

std::string WebpOfManyFrames(size_t count) {
  const std::string picture = EncodeWebp(DrawGradient(16, 16), {}, 10).substr(12);
  const std::string frame =
      WebpChunk("ANMF", LittleEndian(0, 6) + LittleEndian(15, 3) + LittleEndian(15, 3) +
                            LittleEndian(10, 3) + std::string(1, '\0') + picture);
  std::string chunks =
      WebpChunk("VP8X", std::string("\x02\0\0\0", 4) + LittleEndian(15, 3) + LittleEndian(15, 3)) +
      WebpChunk("ANIM", LittleEndian(0, 6));
  for (size_t i = 0; i < count; ++i) chunks += frame;
  return WebpFile(chunks);
}

// Animated, so that it is libvips that reads it.
std::string WebpWithExif(const std::string& exif) {
  const Drawing drawing = DrawGradient(64, 64);
  std::string chunks = EncodeAnimatedWebp({drawing, drawing}).substr(12);
  chunks[8] = static_cast<char>(chunks[8] | 8);
  return WebpFile(chunks + WebpChunk("EXIF", exif));
}

std::string GifOfManyFrames(size_t count) {
  std::string file = "GIF89a" + LittleEndian(64, 2) + LittleEndian(64, 2) +
                     std::string("\x80\0\0\0\0\0\xFF\xFF\xFF", 9);
  const std::string frame = "," + LittleEndian(0, 4) + LittleEndian(1, 2) + LittleEndian(1, 2) +
                            std::string("\0\2\2\x44\1\0", 6);
  file.reserve(count * frame.size() + 100);
  for (size_t i = 0; i < count; ++i) file += frame;
  return file + ";";
}

// A chain of extensions that never ends in a picture.
std::string GifOfExtensions(size_t bytes) {
  std::string file =
      "GIF89a" + LittleEndian(64, 2) + LittleEndian(64, 2) + std::string("\0\0\0", 3);
  const std::string extension("!\xFE\1x\0", 5);
  while (file.size() < bytes) file += extension;
  return file + ";";
}

// The boxes say 64 x 64, the coded picture within is 7,900 x 7,900.
std::string AvifThatIsLargerInside() {
  return ClaimedAvif(EncodeAvif(Drawing(7900, 7900, kBlue), {}, 10), 64, 64);
}

std::string PngWithChunk(const std::string& name, const std::string& content) {
  return WithPngChunk(SmallPng(), PngChunkBytes(name, content));
}

std::string PaletteWithChunk(const std::string& name, const std::string& content) {
  PngSpec spec;
  spec.palette_bits = 4;
  return WithPngChunk(EncodePng(DrawGradient(64, 64), spec), PngChunkBytes(name, content));
}

std::string Keyword() { return std::string("k\0\0", 3); }

}  // namespace

std::vector<Bomb> Bombs() {
  const std::string gigabyte = DeflateRepeated('x', 1024 * kMiB);
  const std::string profile = DeflateRepeated('p', 30 * kMiB);
  const std::string exif = LoopingExif();
  std::string many_texts;
  const std::string text = PngChunkBytes("zTXt", Keyword() + DeflateRepeated('x', 8 * kMiB));
  while (many_texts.size() < 8 * kMiB) many_texts += text;
  std::string empty_pixels;
  const std::string empty = PngChunkBytes("IDAT", "");
  for (int i = 0; i < 2'000'000; ++i) empty_pixels += empty;
  std::string comments;
  while (comments.size() < 30 * kMiB) comments += JpegSegment(0xFE, std::string(60'000, 'c'));
  const std::string pixels = "IMAGE_TOO_MANY_PIXELS", large_profile = "IMAGE_PROFILE_TOO_LARGE";
  return {
      {"PNG, 20,000 x 20,000", FlatPng(20'000, 20'000), pixels},
      {"PNG that claims 2^31 - 1", ClaimedPng(0x7FFFFFFF, 0x7FFFFFFF), pixels},
      {"PNG that claims 7,000 x 7,000 in 68 bytes", ClaimedPng(7000, 7000), "IMAGE_CORRUPT"},
      {"PNG, text of a gigabyte", PngWithChunk("zTXt", Keyword() + gigabyte), "ACCEPTED"},
      {"PNG palette, text of a gigabyte", PaletteWithChunk("zTXt", Keyword() + gigabyte),
       "ACCEPTED"},
      {"PNG palette, a thousand texts of 8 MiB",
       WithPngChunk(PaletteWithChunk("teSt", ""), many_texts), "ACCEPTED"},
      {"PNG, profile of 30 MiB", PngWithChunk("iCCP", Keyword() + profile), large_profile},
      {"PNG, looping EXIF", PngWithChunk("eXIf", exif.substr(6)), "ACCEPTED"},
      {"PNG, two million empty chunks",
       std::string(kPngSignature) + PngFirstChunk(64, 64, 8, 2) + empty_pixels,
       "IMAGE_HEADER_CORRUPT"},
      {"JPEG that claims 65,000 x 65,000", ClaimedJpeg(SmallJpeg(), 65'000, 65'000), pixels},
      {"JPEG that claims 7,000 x 7,000", ClaimedJpeg(SmallJpeg(), 7000, 7000), "IMAGE_TRUNCATED"},
      {"progressive JPEG that claims 7,000 x 7,000",
       ClaimedJpeg(EncodeJpeg(DrawGradient(64, 64), {.progressive = true}), 7000, 7000),
       "IMAGE_TRUNCATED"},
      {"JPEG of twenty thousand scans", JpegOfThousandsOfScans(), "IMAGE_CORRUPT"},
      {"JPEG, profile of 16 MiB", JpegWithProfileOf16Mib(), large_profile},
      {"JPEG, 30 MiB of comments", BehindJpegStart(SmallJpeg(), comments), "ACCEPTED"},
      {"JPEG, looping EXIF", BehindJpegStart(SmallJpeg(), JpegSegment(0xE1, exif)), "ACCEPTED"},
      {"GIF frame beyond its screen", GifFrameOutgrowsScreen(65'535, 65'400), pixels},
      {"GIF of a million frames", GifOfManyFrames(1'000'000), "ACCEPTED"},
      {"GIF of extensions", GifOfExtensions(30 * kMiB), "IMAGE_HEADER_CORRUPT"},
      {"WebP, looping EXIF", WebpWithExif(exif), "ACCEPTED"},
      {"WebP, profile of 30 MiB", WebpWithProfile(30 * kMiB), large_profile},
      {"WebP of 100,000 frames", WebpOfManyFrames(100'000), "IMAGE_HEADER_CORRUPT"},
      {"AVIF that claims 17,000 x 17,000",
       ClaimedAvif(EncodeAvif(DrawGradient(64, 64)), 17'000, 17'000), pixels},
      {"AVIF that is larger inside", AvifThatIsLargerInside(), pixels},
      {"TIFF that claims 2^32 - 1", Tiff({.width_px = 0xFFFFFFFF, .height_px = 0xFFFFFFFF}),
       pixels},
      {"TIFF that claims 7,000 x 7,000", Tiff({.width_px = 7000, .height_px = 7000}),
       "IMAGE_CORRUPT"},
      {"TIFF of one tile of 40,000 x 40,000", Tiff({.tile_px = 40'000}), pixels},
      {"TIFF, profile of 30 MiB", TiffWithProfile(30 * kMiB), large_profile},
      {"TIFF of a million directories", TiffOfManyDirectories(1'000'000, false), "ACCEPTED"},
      {"TIFF of looping directories", TiffOfManyDirectories(1000, true), "ACCEPTED"},
  };
}

}  // namespace tessera::testing
