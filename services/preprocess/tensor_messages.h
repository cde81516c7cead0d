// SPDX-License-Identifier: Apache-2.0
//
// Between the API's tensor messages and the picture library.
#ifndef TESSERA_SERVICES_PREPROCESS_TENSOR_MESSAGES_H_
#define TESSERA_SERVICES_PREPROCESS_TENSOR_MESSAGES_H_

#include <tessera/image/v1/image.pb.h>
#include <tessera/preprocess/v1/preprocess_service.pb.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/preprocess/picture/pixel_buffer.h"
#include "services/preprocess/picture/prepared_picture.h"
#include "services/preprocess/picture/tensor/tensor_writer.h"

namespace tessera::preprocess {

// A tensor of more bytes than this comes in pieces only.
inline constexpr uint64_t kMaxUnaryTensorBytes = 32 << 20;

// Defaults filled in, ranges checked: FIELD_INVALID. `field` is what the request calls the spec.
absl::StatusOr<TensorSpec> ToTensorSpec(const image::v1::TensorSpec& given, std::string_view field);

// Type and shape of the tensor that `spec` makes of a picture of these sides, without its values.
image::v1::Tensor DescribeTensor(const TensorSpec& spec, OutputSize sides);

// The same with its values. `picture` was prepared as a tensor.
image::v1::Tensor ToTensorMessage(const PreparedPicture& picture);

// The values of a tensor in pieces, made one at a time. Not thread-safe.
class TensorPieces {
 public:
  TensorPieces(const TensorSpec& spec, PixelBuffer pixels);

  // Writes the next piece; its id is left alone. False when there was none left.
  bool Next(v1::StreamPreprocessTensorChunk& piece);

 private:
  const PixelBuffer pixels_;
  const TensorWriter writer_;
  const uint64_t rows_per_piece_;
  uint64_t next_row_ = 0;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_TENSOR_MESSAGES_H_
