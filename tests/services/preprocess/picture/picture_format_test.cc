// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/picture_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/status/error.h"
#include "tests/support/pictures/encoding.h"
#include "tests/support/pictures/scenes.h"

namespace tessera::preprocess {
namespace {

using std::string_literals::operator""s;
using ::testing::HasSubstr;

TEST(PictureFormatTest, RecognisesEveryAcceptedFormatByItsFirstBytes) {
  const auto drawing = tessera::testing::DrawGradient(64, 48);
  EXPECT_EQ(SniffFormat(tessera::testing::EncodeJpeg(drawing)).value(), PictureFormat::kJpeg);
  EXPECT_EQ(SniffFormat(tessera::testing::EncodePng(drawing)).value(), PictureFormat::kPng);
  EXPECT_EQ(SniffFormat(tessera::testing::EncodeWebp(drawing)).value(), PictureFormat::kWebp);
  EXPECT_EQ(SniffFormat(tessera::testing::EncodeGif(drawing)).value(), PictureFormat::kGif);
  EXPECT_EQ(SniffFormat(tessera::testing::EncodeTiff(drawing)).value(), PictureFormat::kTiff);
  EXPECT_EQ(SniffFormat(tessera::testing::EncodeAvif(drawing)).value(), PictureFormat::kAvif);
}

TEST(PictureFormatTest, TellsHeicFromAvifAndFromFilmsByTheBrands) {
  const auto box = [](std::string brands) {
    return "\0\0\0"s + static_cast<char>(8 + brands.size()) + "ftyp" + brands;
  };
  EXPECT_EQ(SniffFormat(box("heic\0\0\0\0mif1heic"s)).value(), PictureFormat::kHeic);
  EXPECT_EQ(SniffFormat(box("mif1\0\0\0\0mif1avif"s)).value(), PictureFormat::kAvif);
  EXPECT_EQ(SniffFormat(box("isom\0\0\0\0isomavc1"s)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(PictureFormatTest, NamesWhatItRefusesAndListsWhatItAccepts) {
  const std::pair<std::string, std::string> kForeign[] = {
      {tessera::testing::EncodeBmp(tessera::testing::DrawGradient(8, 8)), "a BMP picture"},
      {"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG drawing"},
      {"  <svg width='3'/>", "an SVG drawing"},
      {"%PDF-1.7\n...", "a PDF document"},
      {"8BPS\0\1"s, "a Photoshop document"},
      {"P6\n3 2\n255\n", "a PNM picture (PBM, PGM or PPM)"},
      {"\xFF\x0A\1\2"s, "a JPEG XL picture"},
      {"PK\3\4...."s, "a ZIP archive"},
      {"data:image/png;base64,iVBORw0KGgo", "a data: URL (send the raw bytes)"},
      {"https://example.com/cat.jpg", "a URL (send the raw bytes)"},
      {"/9j/4AAQSkZJRgABAQ", "base64 text (send the raw bytes)"},
      {"<!DOCTYPE html><html>", "an HTML page"},
      {"{\"picture\": 1}", "text"},
      {"\1\2\3\4\5\6\7\x08", "unknown bytes"}};
  for (const auto& [bytes, looks_like] : kForeign) {
    const auto format = SniffFormat(bytes);
    ASSERT_FALSE(format.ok()) << looks_like;
    EXPECT_EQ(ReasonOf(format.status()), "IMAGE_FORMAT_UNSUPPORTED");
    EXPECT_EQ(MetadataOf(format.status(), "looksLike"), looks_like);
    EXPECT_THAT(std::string(format.status().message()),
                HasSubstr("JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC"));
  }
}

TEST(PictureFormatTest, RefusesNothingAtAll) {
  EXPECT_EQ(ReasonOf(SniffFormat("").status()), "IMAGE_EMPTY");
}

}  // namespace
}  // namespace tessera::preprocess
