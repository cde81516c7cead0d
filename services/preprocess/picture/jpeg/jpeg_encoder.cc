// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_encoder.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "services/preprocess/picture/jpeg/jpeg_errors.h"
#include "services/preprocess/picture/picture_errors.h"

namespace tessera::preprocess {
namespace {

class Encoder {
 public:
  Encoder() {
    cinfo_.err = InstallJpegErrors(errors_);
    jpeg_create_compress(&cinfo_);
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  ~Encoder() {
    jpeg_destroy_compress(&cinfo_);
    std::free(buffer_);
  }

  // Planes, or else rows of RGB.
  bool Start(uint32_t width_px, uint32_t height_px, int quality, bool planes) {
    if (setjmp(errors_.jump)) return false;
    jpeg_mem_dest(&cinfo_, &buffer_, &bytes_);
    cinfo_.image_width = width_px;
    cinfo_.image_height = height_px;
    cinfo_.input_components = 3;
    cinfo_.in_color_space = planes ? JCS_YCbCr : JCS_RGB;
    jpeg_set_defaults(&cinfo_);
    jpeg_set_quality(&cinfo_, quality, TRUE);
    for (int i = 0; i < 3; ++i) {
      cinfo_.comp_info[i].h_samp_factor = cinfo_.comp_info[i].v_samp_factor = 1;
    }
    cinfo_.raw_data_in = planes ? TRUE : FALSE;
    cinfo_.dct_method = JDCT_ISLOW;
    jpeg_start_compress(&cinfo_, TRUE);
    return true;
  }

  bool WriteBlockRow(JSAMPIMAGE rows) {
    if (setjmp(errors_.jump)) return false;
    jpeg_write_raw_data(&cinfo_, rows, DCTSIZE);
    return true;
  }

  bool WriteRow(const uint8_t* row) {
    if (setjmp(errors_.jump)) return false;
    JSAMPROW rows[] = {const_cast<JSAMPROW>(row)};
    jpeg_write_scanlines(&cinfo_, rows, 1);
    return true;
  }

  bool Finish() {
    if (setjmp(errors_.jump)) return false;
    jpeg_finish_compress(&cinfo_);
    return true;
  }

  std::string Bytes() const { return {reinterpret_cast<const char*>(buffer_), bytes_}; }

 private:
  jpeg_compress_struct cinfo_;
  JpegErrors errors_;
  unsigned char* buffer_ = nullptr;
  unsigned long bytes_ = 0;  // NOLINT: libjpeg's type.
};

// Eight rows of each plane, grown to whole blocks by repeating the last sample and the last row:
// what lies there is invisible, but it shares blocks with what is not.
class BlockRow {
 public:
  explicit BlockRow(uint32_t width_px)
      : stride_((width_px + DCTSIZE - 1) / DCTSIZE * DCTSIZE), samples_(3 * DCTSIZE * stride_) {
    for (size_t i = 0; i < 3 * DCTSIZE; ++i) rows_[i] = samples_.data() + i * stride_;
  }

  void Fill(std::span<const PixelBuffer> planes, uint32_t first_row) {
    for (size_t p = 0; p < 3; ++p) {
      const PixelBuffer& plane = planes[p];
      for (uint32_t i = 0; i < DCTSIZE; ++i) {
        uint8_t* row = rows_[p * DCTSIZE + i];
        std::memcpy(row, plane.Pixel(0, std::min(first_row + i, plane.height_px - 1)),
                    plane.width_px);
        std::memset(row + plane.width_px, row[plane.width_px - 1], stride_ - plane.width_px);
      }
    }
  }

  JSAMPIMAGE rows() { return planes_; }

 private:
  size_t stride_;
  std::vector<uint8_t> samples_;
  JSAMPROW rows_[3 * DCTSIZE];
  JSAMPARRAY planes_[3] = {rows_, rows_ + DCTSIZE, rows_ + 2 * DCTSIZE};
};

}  // namespace

absl::StatusOr<std::string> EncodeJpegPlanes(std::span<const PixelBuffer> planes, int quality) {
  const uint32_t width = planes[0].width_px;
  const uint32_t height = planes[0].height_px;
  Encoder encoder;
  if (!encoder.Start(width, height, quality, true)) return EncodeFailedError();
  BlockRow block_row(width);
  for (uint32_t y = 0; y < height; y += DCTSIZE) {
    block_row.Fill(planes, y);
    if (!encoder.WriteBlockRow(block_row.rows())) return EncodeFailedError();
  }
  if (!encoder.Finish()) return EncodeFailedError();
  return encoder.Bytes();
}

absl::StatusOr<std::string> EncodeJpegRgb(const PixelBuffer& pixels, int quality) {
  Encoder encoder;
  if (!encoder.Start(pixels.width_px, pixels.height_px, quality, false)) return EncodeFailedError();
  for (uint32_t y = 0; y < pixels.height_px; ++y) {
    if (!encoder.WriteRow(pixels.Pixel(0, y))) return EncodeFailedError();
  }
  if (!encoder.Finish()) return EncodeFailedError();
  return encoder.Bytes();
}

}  // namespace tessera::preprocess
