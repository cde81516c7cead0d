// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_ROWS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_ROWS_H_

#include <string_view>

#include "services/preprocess/picture/cancel_check.h"
#include "services/preprocess/picture/rows/row_source.h"
#include "services/preprocess/picture/webp/webp_decoder.h"
#include "services/preprocess/picture/webp/webp_header.h"

namespace tessera::preprocess {

// The rows of a still WebP as RGB, with alpha where it has some.
class WebpRows : public RowSource {
 public:
  // `file` must outlive it, and so must what `cancelled` refers to.
  WebpRows(std::string_view file, const WebpHeader& header, CancelCheck cancelled);

  const RowShape& shape() const override { return shape_; }
  absl::Status ReadRow(uint8_t* row) override;

 private:
  const RowShape shape_;
  WebpDecoder decoder_;
  int next_row_ = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_ROWS_H_
