// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_rows.h"

#include <utility>

#include "services/preprocess/picture/picture_errors.h"

namespace tessera::preprocess {

JpegRows::JpegRows(std::unique_ptr<JpegDecoder> decoder, int shrink, uint64_t file_bytes)
    : decoder_(std::move(decoder)), shrink_(shrink), file_bytes_(file_bytes) {}

absl::Status JpegRows::Start() {
  if (!decoder_->StartRgb(shrink_)) return JpegFailureStatus(*decoder_, file_bytes_);
  const OutputSize full = decoder_->Size();
  const OutputSize size = decoder_->RgbSize();
  shape_ = {.width_px = size.width_px,
            .height_px = size.height_px,
            .width_extent = static_cast<double>(full.width_px) / shrink_,
            .height_extent = static_cast<double>(full.height_px) / shrink_,
            .channels = decoder_->rgb_channels()};
  return absl::OkStatus();
}

absl::Status JpegRows::ReadRow(uint8_t* row) {
  return decoder_->ReadRgbRow(row) ? absl::OkStatus() : JpegFailureStatus(*decoder_, file_bytes_);
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
