// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_PLANES_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_PLANES_H_

#include <array>
#include <string_view>

#include "services/preprocess/picture/cancel_check.h"
#include "services/preprocess/picture/rows/plane_source.h"
#include "services/preprocess/picture/webp/webp_decoder.h"
#include "services/preprocess/picture/webp/webp_header.h"

namespace tessera::preprocess {

// The planes of a still lossy WebP: 4:2:0 in video range, as it is stored.
class WebpPlanes : public PlaneSource {
 public:
  // `file` must outlive it, and so must what `cancelled` refers to.
  WebpPlanes(std::string_view file, const WebpHeader& header, CancelCheck cancelled);

  absl::Status Start() override { return absl::OkStatus(); }
  size_t plane_count() const override { return planes_.size(); }
  const PlaneShape& plane(size_t index) const override { return planes_[index]; }
  bool Done() const override { return next_row_ >= height_; }
  absl::Status ReadRows(uint8_t** const (&rows)[3]) override;

 private:
  const int height_;
  std::array<PlaneShape, 3> planes_;
  WebpDecoder decoder_;
  int next_row_ = 0;  // Of the luma plane; even.
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_WEBP_WEBP_PLANES_H_
