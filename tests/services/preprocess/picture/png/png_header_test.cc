// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/png/png_header.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/error.h"
#include "tests/support/pictures/png_parts.h"

namespace tessera::preprocess {
namespace {

using namespace tessera::testing;  // NOLINT: the vocabulary of PNG files.

std::string Pixels() { return PngChunkBytes("IDAT", Deflate(std::string(4, '\0'))); }

std::string FileOf(const std::string& before_pixels, const std::string& after_pixels = "",
                   int bits = 8, int color = 2) {
  return std::string(kPngSignature) + PngFirstChunk(1, 1, bits, color) + before_pixels + Pixels() +
         after_pixels + PngChunkBytes("IEND", "");
}

std::string Exif(int orientation) {
  std::string exif("II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\0\0\0\0\0\0\0\0", 26);
  exif[18] = static_cast<char>(orientation);
  return PngChunkBytes("eXIf", exif);
}

std::string RefusalOf(const std::string& file) {
  const auto header = ReadPngHeader(file);
  return header.ok() ? "NONE" : ReasonOf(header.status());
}

TEST(PngHeaderTest, KnowsWhichDepthsGoWithWhichColors) {
  for (int bits : {1, 2, 4, 8, 16}) {
    for (int color : {0, 2, 3, 4, 6}) {
      const bool allowed = color == 0 || (color == 3 ? bits <= 8 : bits >= 8);
      EXPECT_EQ(RefusalOf(FileOf("", "", bits, color)), allowed ? "NONE" : "IMAGE_HEADER_CORRUPT")
          << bits << " bits, color " << color;
    }
  }
  EXPECT_EQ(RefusalOf(FileOf("", "", 8, 1)), "IMAGE_HEADER_CORRUPT");
  EXPECT_EQ(RefusalOf(FileOf("", "", 3, 0)), "IMAGE_HEADER_CORRUPT");
}

TEST(PngHeaderTest, ReadsOrientationBeforeAndBehindThePixels) {
  EXPECT_EQ(ReadPngHeader(FileOf(""))->orientation, 1);
  EXPECT_EQ(ReadPngHeader(FileOf(Exif(6)))->orientation, 6);
  EXPECT_EQ(ReadPngHeader(FileOf("", Exif(8)))->orientation, 8);
  EXPECT_EQ(ReadPngHeader(FileOf(Exif(77)))->orientation, 1);
}

TEST(PngHeaderTest, DamagedExtrasAreLeftOut) {
  std::string exif = Exif(6);
  exif.back() = static_cast<char>(exif.back() + 1);
  EXPECT_EQ(ReadPngHeader(FileOf(exif))->orientation, 1);
  EXPECT_TRUE(
      ReadPngHeader(FileOf(PngChunkBytes("iCCP", "no end of name")))->deflated_profile.empty());
  EXPECT_EQ(
      ReadPngHeader(FileOf(PngChunkBytes("iCCP", std::string("n\0\0xyz", 6))))->deflated_profile,
      "xyz");
}

TEST(PngHeaderTest, TransparencyOfPalettesAndOfSingleColorsIsSeen) {
  const std::string transparent = PngChunkBytes("tRNS", std::string(6, '\0'));
  EXPECT_TRUE(ReadPngHeader(FileOf(transparent, "", 8, 3))->has_transparency);
  EXPECT_TRUE(ReadPngHeader(FileOf(transparent, "", 8, 2))->has_transparency);
  EXPECT_FALSE(ReadPngHeader(FileOf(transparent, "", 8, 6))->has_transparency);
}

TEST(PngHeaderTest, SidesOfZeroAndABrokenChecksumAreRefused) {
  EXPECT_EQ(RefusalOf(std::string(kPngSignature) + PngFirstChunk(0, 1, 8, 2) + Pixels()),
            "IMAGE_HEADER_CORRUPT");
  std::string file = FileOf("");
  file[16 + 3] = 9;
  EXPECT_EQ(RefusalOf(file), "IMAGE_HEADER_CORRUPT");
}

TEST(PngHeaderTest, AFileOfChunksWithoutPixelsEndsSoon) {
  std::string chunks;
  const std::string chunk = PngChunkBytes("teSt", "");
  for (int i = 0; i < 200'000; ++i) chunks += chunk;
  EXPECT_EQ(RefusalOf(FileOf(chunks)), "IMAGE_HEADER_CORRUPT");
}

TEST(PngHeaderTest, WhatDoesNotMatterToThePixelsCanBeLeftOut) {
  const std::string palette = PngChunkBytes("PLTE", std::string(6, 'x'));
  const std::string text = PngChunkBytes("zTXt", std::string("k\0\0", 3) + Deflate("text"));
  EXPECT_EQ(WithoutPngMetadata(FileOf(palette + text + Exif(3), text)), FileOf(palette));
  const std::string ends_in_pixels = std::string(kPngSignature) + PngFirstChunk(1, 1, 8, 2);
  EXPECT_EQ(WithoutPngMetadata(ends_in_pixels + text + Pixels().substr(0, 10)),
            ends_in_pixels + Pixels().substr(0, 10));
}

}  // namespace
}  // namespace tessera::preprocess
