// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_PLANES_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_PLANES_H_

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "services/preprocess/picture/jpeg/jpeg_decoder.h"
#include "services/preprocess/picture/rows/plane_source.h"

namespace tessera::preprocess {

// The planes of a JPEG as its transform leaves them, at 1, 1/2, 1/4 or 1/8 of its size.
class JpegPlanes : public PlaneSource {
 public:
  // `decoder` has read its header. `file_bytes` is for messages.
  JpegPlanes(std::unique_ptr<JpegDecoder> decoder, int shrink, uint64_t file_bytes)
      : decoder_(std::move(decoder)), shrink_(shrink), file_bytes_(file_bytes) {}

  absl::Status Start() override;
  size_t plane_count() const override { return decoder_->plane_count(); }
  const PlaneShape& plane(size_t index) const override { return decoder_->plane(index); }
  bool Done() const override { return decoder_->Done(); }
  absl::Status ReadRows(uint8_t** const (&rows)[3]) override;

 private:
  const std::unique_ptr<JpegDecoder> decoder_;
  const int shrink_;
  const uint64_t file_bytes_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_PLANES_H_
