// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_TENSOR_WRITER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_TENSOR_WRITER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "services/preprocess/picture/pixel_buffer.h"
#include "services/preprocess/picture/tensor/plane_kernels.h"
#include "services/preprocess/picture/tensor/tensor_spec.h"

namespace tessera::preprocess {

// Writes a tensor piece by piece, so that it never has to lie in memory as a whole: it is up to
// eight times the size of its pixels. Little-endian.
//
// A row is the smallest piece: one row of one plane, one row of pixels, or one patch. Rows follow
// one another without gaps. Thread-compatible; keeps a reference to nothing.
//
// value = (sample / 255 - mean) / std, in double precision, rounded to a float and then, for the
// 16-bit types, once more, as frameworks do.
class TensorWriter {
 public:
  // `spec` is valid and fits the sides (CheckSides).
  TensorWriter(const TensorSpec& spec, OutputSize sides);

  const std::vector<uint64_t>& shape() const { return shape_; }
  uint64_t rows() const { return rows_; }
  uint64_t row_bytes() const { return row_bytes_; }
  uint64_t total_bytes() const { return rows_ * row_bytes_; }

  // Writes `count` rows from row `first` on to `out`, which is aligned for a value. `picture` is
  // RGB of the sides.
  void Write(const PixelBuffer& picture, uint64_t first, uint64_t count, uint8_t* out) const;

 private:
  template <typename Value>
  void WriteRows(const PixelBuffer& picture, uint64_t first, uint64_t count, Value* out) const;
  template <typename Value>
  void WritePatch(const PixelBuffer& picture, uint64_t patch, Value* out) const;
  // What each sample of channel `c` becomes.
  template <typename Value>
  const std::array<Value, 256>& Values(size_t c) const;

  const TensorSpec spec_;
  const OutputSize sides_;
  const std::vector<uint64_t> shape_;
  uint64_t rows_ = 0;
  uint64_t row_bytes_ = 0;
  std::array<Normalisation, 3> normalisations_;
  std::array<std::array<uint16_t, 256>, 3> halves_ = {};
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_TENSOR_TENSOR_WRITER_H_
