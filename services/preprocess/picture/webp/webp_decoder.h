// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_DECODER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_DECODER_H_

#include <webp/decode.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "services/preprocess/picture/cancel_check.h"

namespace tessera::preprocess {

// libwebp over a still picture, fed bit by bit: between two bits a caller who gave up is heard. It
// keeps the whole decoded picture. Not thread-safe.
class WebpDecoder {
 public:
  // `file` must outlive the decoder, and so must what `cancelled` refers to.
  WebpDecoder(std::string_view file, WEBP_CSP_MODE mode, CancelCheck cancelled);
  ~WebpDecoder();
  WebpDecoder(const WebpDecoder&) = delete;
  WebpDecoder& operator=(const WebpDecoder&) = delete;

  // Decodes until `rows` rows are there, or as many as the picture has.
  absl::Status DecodeTo(int rows);

  // Whole rows so far.
  int rows() const { return rows_; }

  // Where they lie, after the first DecodeTo. RGB modes: plane 0. YUV: planes 0 to 2.
  const uint8_t* plane(int index) const { return planes_[index]; }
  int stride(int index) const { return strides_[index]; }

 private:
  struct Deleter {
    void operator()(WebPIDecoder* decoder) const { WebPIDelete(decoder); }
  };

  void NoteProgress();

  const std::string_view file_;
  const CancelCheck cancelled_;
  const bool yuv_;
  const size_t bytes_per_step_;
  WebPDecoderConfig config_;
  std::unique_ptr<WebPIDecoder, Deleter> decoder_;
  size_t fed_bytes_ = 0;
  int rows_ = 0;
  const uint8_t* planes_[3] = {};
  int strides_[3] = {};
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_DECODER_H_
