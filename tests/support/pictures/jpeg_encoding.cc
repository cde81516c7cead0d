// SPDX-License-Identifier: Apache-2.0
// jpeglib.h uses FILE and size_t without declaring them.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "tests/support/pictures/encoding.h"

namespace tessera::testing {
namespace {

// The smallest EXIF block there is: one directory with one entry.
std::string ExifWithOrientation(int orientation) {
  std::string exif("Exif\0\0MM\0*\0\0\0\10\0\1\1\22\0\3\0\0\0\1\0\0\0\0\0\0\0\0", 32);
  exif[25] = static_cast<char>(orientation);
  return exif;
}

void WriteIccProfile(jpeg_compress_struct& cinfo, const std::string& profile) {
  constexpr size_t kMaxChunk = 65519;
  const size_t chunks = (profile.size() + kMaxChunk - 1) / kMaxChunk;
  for (size_t i = 0; i < chunks; ++i) {
    std::string chunk("ICC_PROFILE\0", 12);
    chunk += static_cast<char>(i + 1);
    chunk += static_cast<char>(chunks);
    chunk += profile.substr(i * kMaxChunk, kMaxChunk);
    jpeg_write_marker(&cinfo, JPEG_APP0 + 2, reinterpret_cast<const JOCTET*>(chunk.data()),
                      static_cast<unsigned>(chunk.size()));
  }
}

void SetColorSpaces(jpeg_compress_struct& cinfo, JpegColor color) {
  switch (color) {
    case JpegColor::kYcbcr:
      cinfo.in_color_space = JCS_RGB;
      break;
    case JpegColor::kGray:
      cinfo.in_color_space = JCS_GRAYSCALE;
      break;
    case JpegColor::kRgb:
      cinfo.in_color_space = JCS_RGB;
      break;
    default:
      cinfo.in_color_space = JCS_CMYK;
      break;
  }
  cinfo.input_components = cinfo.in_color_space == JCS_CMYK  ? 4
                           : cinfo.in_color_space == JCS_RGB ? 3
                                                             : 1;
  jpeg_set_defaults(&cinfo);
  if (color == JpegColor::kRgb) jpeg_set_colorspace(&cinfo, JCS_RGB);
  if (color == JpegColor::kYcck) jpeg_set_colorspace(&cinfo, JCS_YCCK);
  if (color == JpegColor::kCmykUnmarked) cinfo.write_Adobe_marker = FALSE;
}

void SetSubsampling(jpeg_compress_struct& cinfo, Subsampling subsampling) {
  for (int i = 0; i < cinfo.num_components; ++i) {
    cinfo.comp_info[i].h_samp_factor = cinfo.comp_info[i].v_samp_factor = 1;
  }
  const bool subsampled_space =
      cinfo.jpeg_color_space == JCS_YCbCr || cinfo.jpeg_color_space == JCS_YCCK;
  if (!subsampled_space) return;
  int across = 1, down = 1;
  switch (subsampling) {
    case Subsampling::k444:
      break;
    case Subsampling::k422:
      across = 2;
      break;
    case Subsampling::k420:
      across = down = 2;
      break;
    case Subsampling::k440:
      down = 2;
      break;
    case Subsampling::k411:
      across = 4;
      break;
    case Subsampling::k410:
      across = 4;
      down = 2;
      break;
  }
  cinfo.comp_info[0].h_samp_factor = across;
  cinfo.comp_info[0].v_samp_factor = down;
  if (cinfo.num_components == 4) {
    cinfo.comp_info[3].h_samp_factor = across;
    cinfo.comp_info[3].v_samp_factor = down;
  }
}

// One row of the drawing in the colours the encoder is fed.
void FillRow(const Drawing& drawing, uint32_t y, JpegColor color, std::vector<uint8_t>& row) {
  const uint8_t* rgb = drawing.rgb().data() + size_t{y} * drawing.width_px() * 3;
  for (uint32_t x = 0; x < drawing.width_px(); ++x, rgb += 3) {
    switch (color) {
      case JpegColor::kYcbcr:
      case JpegColor::kRgb:
        std::copy_n(rgb, 3, &row[x * 3]);
        break;
      case JpegColor::kGray:
        row[x] = static_cast<uint8_t>((rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000);
        break;
      case JpegColor::kCmyk:
      case JpegColor::kCmykUnmarked:
      case JpegColor::kYcck:
        std::copy_n(rgb, 3, &row[x * 4]);
        row[x * 4 + 3] = 255;
        break;
    }
  }
}

using RowFiller = std::function<void(uint32_t y, std::vector<uint8_t>& row)>;

std::string Encode(uint32_t width_px, uint32_t height_px, const JpegSpec& spec,
                   const RowFiller& fill_row) {
  jpeg_compress_struct cinfo;
  jpeg_error_mgr errors;
  cinfo.err = jpeg_std_error(&errors);
  jpeg_create_compress(&cinfo);
  unsigned char* buffer = nullptr;
  unsigned long bytes = 0;
  jpeg_mem_dest(&cinfo, &buffer, &bytes);
  cinfo.image_width = width_px;
  cinfo.image_height = height_px;
  SetColorSpaces(cinfo, spec.color);
  jpeg_set_quality(&cinfo, spec.quality, TRUE);
  SetSubsampling(cinfo, spec.subsampling);
  cinfo.restart_in_rows = spec.restart_rows;
  cinfo.optimize_coding = spec.optimize ? TRUE : FALSE;
  if (spec.progressive) jpeg_simple_progression(&cinfo);
  jpeg_start_compress(&cinfo, TRUE);
  if (spec.orientation != 0) {
    const std::string exif = ExifWithOrientation(spec.orientation);
    jpeg_write_marker(&cinfo, JPEG_APP0 + 1, reinterpret_cast<const JOCTET*>(exif.data()),
                      static_cast<unsigned>(exif.size()));
  }
  WriteIccProfile(cinfo, spec.icc_profile);
  std::vector<uint8_t> row(size_t{width_px} * 4);
  while (cinfo.next_scanline < cinfo.image_height) {
    fill_row(cinfo.next_scanline, row);
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&cinfo, rows, 1);
  }
  jpeg_finish_compress(&cinfo);
  std::string file(reinterpret_cast<char*>(buffer), bytes);
  jpeg_destroy_compress(&cinfo);
  std::free(buffer);
  return file;
}

}  // namespace

std::string EncodeJpeg(const Drawing& drawing, const JpegSpec& spec) {
  return Encode(
      drawing.width_px(), drawing.height_px(), spec,
      [&](uint32_t y, std::vector<uint8_t>& row) { FillRow(drawing, y, spec.color, row); });
}

std::string EncodeCmykJpeg(const Inks& inks, const JpegSpec& spec) {
  JpegSpec cmyk = spec;
  cmyk.color = JpegColor::kCmyk;
  return Encode(inks.width_px, inks.height_px, cmyk, [&](uint32_t y, std::vector<uint8_t>& row) {
    const uint8_t* ink = inks.cmyk.data() + size_t{y} * inks.width_px * 4;
    for (uint8_t& sample : row) sample = static_cast<uint8_t>(255 - *ink++);
  });
}

}  // namespace tessera::testing
