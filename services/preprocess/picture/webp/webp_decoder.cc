// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/webp/webp_decoder.h"

#include <algorithm>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/truncation.h"

namespace tessera::preprocess {
namespace {

// Every step starts the row of blocks anew that the last one ended in.
constexpr size_t kMinStepBytes = 16 << 10;
constexpr size_t kSteps = 64;

}  // namespace

WebpDecoder::WebpDecoder(std::string_view file, WEBP_CSP_MODE mode, CancelCheck cancelled)
    : file_(file),
      cancelled_(cancelled),
      yuv_(mode == MODE_YUV),
      bytes_per_step_(std::max(kMinStepBytes, file.size() / kSteps)) {
  WebPInitDecoderConfig(&config_);
  config_.output.colorspace = mode;
  // Without data to look at, it allocates its output when it has seen the header.
  decoder_.reset(WebPIDecode(nullptr, 0, &config_));
}

WebpDecoder::~WebpDecoder() {
  decoder_.reset();
  WebPFreeDecBuffer(&config_.output);
}

absl::Status WebpDecoder::DecodeTo(int rows) {
  // The pixels may not need the last bytes, but a file without them is cut.
  if (fed_bytes_ == 0 && LooksTruncated(PictureFormat::kWebp, file_)) {
    return TruncatedError(PictureFormat::kWebp, file_.size());
  }
  VP8StatusCode status = VP8_STATUS_SUSPENDED;
  while (rows_ < rows) {
    if (fed_bytes_ == file_.size()) {
      return status == VP8_STATUS_OK ? CorruptError(PictureFormat::kWebp)
                                     : TruncatedError(PictureFormat::kWebp, file_.size());
    }
    TESSERA_RETURN_IF_ERROR(cancelled_());
    fed_bytes_ = std::min(fed_bytes_ + bytes_per_step_, file_.size());
    status =
        WebPIUpdate(decoder_.get(), reinterpret_cast<const uint8_t*>(file_.data()), fed_bytes_);
    if (status != VP8_STATUS_OK && status != VP8_STATUS_SUSPENDED) {
      return CorruptError(PictureFormat::kWebp);
    }
    NoteProgress();
  }
  return absl::OkStatus();
}

void WebpDecoder::NoteProgress() {
  int last_row = 0;
  if (yuv_) {
    uint8_t *u = nullptr, *v = nullptr;
    int uv_stride = 0;
    planes_[0] = WebPIDecGetYUVA(decoder_.get(), &last_row, &u, &v, nullptr, nullptr, nullptr,
                                 &strides_[0], &uv_stride, nullptr);
    planes_[1] = u;
    planes_[2] = v;
    strides_[1] = strides_[2] = uv_stride;
  } else {
    planes_[0] = WebPIDecGetRGB(decoder_.get(), &last_row, nullptr, nullptr, &strides_[0]);
  }
  rows_ = planes_[0] == nullptr ? 0 : last_row;
}

}  // namespace tessera::preprocess
