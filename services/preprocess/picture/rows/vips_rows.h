// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_VIPS_ROWS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_VIPS_ROWS_H_

#include <memory>
#include <vips/vips8>

#include "services/preprocess/picture/rows/row_source.h"

namespace tessera::preprocess {

// The rows of any picture that libvips can open and whose samples are 8-bit integers.
class VipsRows : public RowSource {
 public:
  // `image` may be of the kind that can only be read from top to bottom. The extents are its sides
  // unless it was shrunk while loading.
  VipsRows(const vips::VImage& image, double width_extent, double height_extent);

  const RowShape& shape() const override { return shape_; }
  absl::Status ReadRow(uint8_t* row) override;

 private:
  struct Unref {
    void operator()(VipsRegion* region) const { g_object_unref(region); }
  };

  const vips::VImage image_;
  const RowShape shape_;
  const std::unique_ptr<VipsRegion, Unref> region_;
  int next_row_ = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_ROWS_VIPS_ROWS_H_
