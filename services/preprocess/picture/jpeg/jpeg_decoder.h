// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_DECODER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_DECODER_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "services/preprocess/picture/cancel_check.h"
#include "services/preprocess/picture/jpeg/jpeg_errors.h"
#include "services/preprocess/picture/output_size.h"
#include "services/preprocess/picture/rows/plane_source.h"

namespace tessera::preprocess {

// libjpeg-turbo as a source of raw planes or of RGB. Not thread-safe. Call in order: ReadHeader,
// Start, ReadRows until done; or ReadHeader, StartRgb, ReadRgbRow until done.
class JpegDecoder {
 public:
  // `file` must outlive the decoder, and so must what `cancelled` refers to. It is asked while a
  // progressive file is collected, and about every eighth row otherwise.
  JpegDecoder(std::string_view file, CancelCheck cancelled);
  ~JpegDecoder();
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;

  // False: see failure().
  bool ReadHeader();

  // After ReadHeader.
  int component_count() const { return cinfo_.num_components; }
  int bits_per_sample() const { return cinfo_.data_precision; }
  bool HasHuffmanCodes() const { return cinfo_.arith_code == FALSE; }
  // Coded blocks of 8 x 8 samples, by the size that the header states.
  uint64_t BlocksOf(int component) const;
  // Progressive, or with its components one after the other.
  bool HasSeveralScans() const;

  // After ReadHeader: sides at full size.
  OutputSize Size() const { return {cinfo_.image_width, cinfo_.image_height}; }

  // After ReadHeader: whether the planes are 8-bit gray, or YCbCr with each chroma plane of full
  // or half size in each direction. Everything else is for another decoder.
  bool IsPlainGrayOrYcbcr() const;

  // Decodes at 1/`shrink` (1, 2, 4 or 8) of the size.
  bool Start(int shrink);

  // After Start: 1 (gray) or 3.
  size_t plane_count() const { return static_cast<size_t>(cinfo_.num_components); }
  const PlaneShape& plane(size_t index) const { return planes_[index]; }

  bool Done() const { return cinfo_.output_scanline >= cinfo_.output_height; }

  // Decodes one more band of rows. `rows[p]` are plane(p).rows_per_read places for rows of
  // plane(p).row_samples samples; places beyond the end of the picture may stay unwritten.
  bool ReadRows(uint8_t** const (&rows)[3]);

  // Decodes at 1/`shrink` of the size to 8-bit RGB, or gray where the file is.
  bool StartRgb(int shrink);

  // After StartRgb: sides of what is delivered, and samples of a pixel.
  OutputSize RgbSize() const { return {cinfo_.output_width, cinfo_.output_height}; }
  uint32_t rgb_channels() const { return static_cast<uint32_t>(cinfo_.output_components); }

  bool ReadRgbRow(uint8_t* row);

  JpegFailure failure() const { return errors_.failure; }
  // After failure kCancelled.
  const absl::Status& cancel_status() const { return cancel_status_; }

 private:
  static void OnProgress(j_common_ptr cinfo);
  void Configure(int shrink);

  jpeg_decompress_struct cinfo_;
  JpegErrors errors_;
  jpeg_progress_mgr progress_ = {};
  std::string_view file_;
  CancelCheck cancelled_;
  absl::Status cancel_status_;
  std::array<PlaneShape, 3> planes_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_DECODER_H_
