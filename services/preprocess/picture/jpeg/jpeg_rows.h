// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ROWS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ROWS_H_

#include <cstdint>
#include <memory>

#include "services/preprocess/picture/jpeg/jpeg_decoder.h"
#include "services/preprocess/picture/rows/row_source.h"

namespace tessera::preprocess {

// The rows of a JPEG as RGB or gray, at 1, 1/2, 1/4 or 1/8 of its size: for whoever wants pixels
// and not another JPEG, or has a colour profile to apply.
class JpegRows : public RowSource {
 public:
  // `decoder` has read its header. `file_bytes` is for messages.
  JpegRows(std::unique_ptr<JpegDecoder> decoder, int shrink, uint64_t file_bytes);

  absl::Status Start() override;
  const RowShape& shape() const override { return shape_; }
  absl::Status ReadRow(uint8_t* row) override;

 private:
  const std::unique_ptr<JpegDecoder> decoder_;
  const int shrink_;
  const uint64_t file_bytes_;
  RowShape shape_;
};

// Why `decoder` failed, as an error of picture_errors.h or the status of the caller's cancel check.
absl::Status JpegFailureStatus(const JpegDecoder& decoder, uint64_t file_bytes);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ROWS_H_
