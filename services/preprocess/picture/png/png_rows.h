// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_ROWS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_ROWS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "services/preprocess/picture/png/inflater.h"
#include "services/preprocess/picture/png/png_header.h"
#include "services/preprocess/picture/png/unfilter_kernels.h"
#include "services/preprocess/picture/rows/row_source.h"

namespace tessera::preprocess {

// Whether PngRows can deliver the pixels of such a file: 8 bits, gray or RGB with or without an
// alpha channel, from top to bottom. That is nearly all there are.
bool IsPlainPng(const PngHeader& header);

// The rows of a PNG, inflated by ISA-L a few rows ahead: memory does not grow with the picture.
// Checksums of the chunks and of the stream are verified. `file` must outlive it.
class PngRows : public RowSource {
 public:
  PngRows(std::string_view file, const PngHeader& header, const UnfilterKernels& kernels);

  const RowShape& shape() const override { return shape_; }
  absl::Status ReadRow(uint8_t* row) override;

 private:
  // False when the stream does not want more, or there is no more that could be trusted.
  bool FeedNextChunk();
  // Inflates until there are `bytes`.
  absl::Status Fill(size_t bytes);
  // Why there is no more to inflate.
  absl::Status EndedEarly() const;
  absl::Status CheckTheEnd();

  const std::string_view file_;
  const UnfilterKernels& kernels_;
  RowShape shape_;
  const size_t row_bytes_;
  Inflater inflater_;
  size_t next_chunk_;
  bool file_ended_ = false;
  // Inflated and not yet restored: from `begin_` to `end_`.
  std::vector<uint8_t> inflated_;
  size_t begin_ = 0;
  size_t end_ = 0;
  std::vector<uint8_t> zeros_;
  const uint8_t* above_;
  uint32_t rows_read_ = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PNG_PNG_ROWS_H_
