// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_rows.h"

#include <utility>

#include "services/preprocess/picture/picture_errors.h"

namespace tessera::preprocess {

JpegRows::JpegRows(std::unique_ptr<JpegDecoder> decoder, int shrink, uint64_t file_bytes)
    : decoder_(std::move(decoder)), file_bytes_(file_bytes), started_(decoder_->StartRgb(shrink)) {
  const OutputSize full = decoder_->Size();
  const OutputSize size = started_ ? decoder_->RgbSize() : OutputSize{1, 1};
  shape_ = {.width_px = size.width_px,
            .height_px = size.height_px,
            .width_extent = static_cast<double>(full.width_px) / shrink,
            .height_extent = static_cast<double>(full.height_px) / shrink,
            .channels = started_ ? decoder_->rgb_channels() : 1};
}

absl::Status JpegRows::ReadRow(uint8_t* row) {
  if (started_ && decoder_->ReadRgbRow(row)) return absl::OkStatus();
  return JpegFailureStatus(*decoder_, file_bytes_);
}

absl::Status JpegFailureStatus(const JpegDecoder& decoder, uint64_t file_bytes) {
  switch (decoder.failure()) {
    case JpegFailure::kCancelled:
      return decoder.cancel_status();
    case JpegFailure::kTruncated:
      return TruncatedError(PictureFormat::kJpeg, file_bytes);
    default:
      return CorruptError(PictureFormat::kJpeg);
  }
}

}  // namespace tessera::preprocess
