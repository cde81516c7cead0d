// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/tensor_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::preprocess {
namespace {

constexpr uint64_t kPieceBytes = 1 << 20;

absl::StatusOr<TensorType> ToType(image::v1::TensorType type, const std::string& field) {
  switch (type) {
    case image::v1::TENSOR_TYPE_U8:
      return TensorType::kU8;
    case image::v1::TENSOR_TYPE_F16:
      return TensorType::kF16;
    case image::v1::TENSOR_TYPE_BF16:
      return TensorType::kBf16;
    case image::v1::TENSOR_TYPE_UNSPECIFIED:
    case image::v1::TENSOR_TYPE_F32:
      return TensorType::kF32;
    default:
      return InvalidField(field + ".type", "is not a TensorType");
  }
}

absl::StatusOr<TensorLayout> ToLayout(image::v1::TensorLayout layout, const std::string& field) {
  switch (layout) {
    case image::v1::TENSOR_LAYOUT_UNSPECIFIED:
    case image::v1::TENSOR_LAYOUT_NCHW:
      return TensorLayout::kNchw;
    case image::v1::TENSOR_LAYOUT_NHWC:
      return TensorLayout::kNhwc;
    case image::v1::TENSOR_LAYOUT_QWEN_PATCHES:
      return TensorLayout::kQwenPatches;
    default:
      return InvalidField(field + ".layout", "is not a TensorLayout");
  }
}

absl::Status TakeThree(const google::protobuf::RepeatedField<float>& given,
                       const std::string& field, TensorType type, std::array<float, 3>& values) {
  if (given.empty()) return absl::OkStatus();
  if (given.size() != 3) return InvalidField(field, "must have three values, or none");
  if (type == TensorType::kU8) return InvalidField(field, "has no meaning for TENSOR_TYPE_U8");
  std::copy(given.begin(), given.end(), values.begin());
  return absl::OkStatus();
}

image::v1::TensorType ToMessage(TensorType type) {
  switch (type) {
    case TensorType::kU8:
      return image::v1::TENSOR_TYPE_U8;
    case TensorType::kF16:
      return image::v1::TENSOR_TYPE_F16;
    case TensorType::kBf16:
      return image::v1::TENSOR_TYPE_BF16;
    case TensorType::kF32:
      return image::v1::TENSOR_TYPE_F32;
  }
  return image::v1::TENSOR_TYPE_UNSPECIFIED;
}

image::v1::TensorLayout ToMessage(TensorLayout layout) {
  switch (layout) {
    case TensorLayout::kNchw:
      return image::v1::TENSOR_LAYOUT_NCHW;
    case TensorLayout::kNhwc:
      return image::v1::TENSOR_LAYOUT_NHWC;
    case TensorLayout::kQwenPatches:
      return image::v1::TENSOR_LAYOUT_QWEN_PATCHES;
  }
  return image::v1::TENSOR_LAYOUT_UNSPECIFIED;
}

OutputSize SidesOf(const PixelBuffer& pixels) { return {pixels.width_px, pixels.height_px}; }

uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

}  // namespace

absl::StatusOr<TensorSpec> ToTensorSpec(const image::v1::TensorSpec& given,
                                        std::string_view field_name) {
  const std::string field(field_name);
  TensorSpec spec;
  TESSERA_ASSIGN_OR_RETURN(spec.type, ToType(given.type(), field));
  TESSERA_ASSIGN_OR_RETURN(spec.layout, ToLayout(given.layout(), field));
  TESSERA_RETURN_IF_ERROR(TakeThree(given.mean(), field + ".mean", spec.type, spec.mean));
  TESSERA_RETURN_IF_ERROR(TakeThree(given.std(), field + ".std", spec.type, spec.std));
  const image::v1::PatchShape& patches = given.patches();
  if (patches.has_patch_px()) spec.patches.patch_px = patches.patch_px();
  if (patches.has_merge()) spec.patches.merge = patches.merge();
  if (patches.has_temporal()) spec.patches.temporal = patches.temporal();
  TESSERA_RETURN_IF_ERROR(Validate(spec, field + "."));
  return spec;
}

image::v1::Tensor DescribeTensor(const TensorSpec& spec, OutputSize sides) {
  image::v1::Tensor tensor;
  tensor.set_type(ToMessage(spec.type));
  tensor.set_layout(ToMessage(spec.layout));
  for (const uint64_t dimension : TensorShape(spec, sides)) tensor.add_shape(dimension);
  if (spec.layout == TensorLayout::kQwenPatches) {
    tensor.add_grid_thw(1);
    tensor.add_grid_thw(sides.height_px / spec.patches.patch_px);
    tensor.add_grid_thw(sides.width_px / spec.patches.patch_px);
  }
  tensor.set_size_bytes(TensorBytes(spec, sides));
  return tensor;
}

image::v1::Tensor ToTensorMessage(const PreparedPicture& picture) {
  const OutputSize sides = SidesOf(picture.pixels);
  image::v1::Tensor tensor = DescribeTensor(*picture.tensor, sides);
  const TensorWriter writer(*picture.tensor, sides);
  std::string& values = *tensor.mutable_data();
  values.resize(writer.total_bytes());
  writer.Write(picture.pixels, 0, writer.rows(), Bytes(values));
  return tensor;
}

TensorPieces::TensorPieces(const TensorSpec& spec, PixelBuffer pixels)
    : pixels_(std::move(pixels)),
      writer_(spec, SidesOf(pixels_)),
      rows_per_piece_(std::max<uint64_t>(1, kPieceBytes / writer_.row_bytes())) {}

bool TensorPieces::Next(v1::StreamPreprocessTensorChunk& piece) {
  if (next_row_ >= writer_.rows()) return false;
  const uint64_t rows = std::min(rows_per_piece_, writer_.rows() - next_row_);
  piece.set_offset_bytes(next_row_ * writer_.row_bytes());
  std::string& values = *piece.mutable_data();
  values.resize(rows * writer_.row_bytes());
  writer_.Write(pixels_, next_row_, rows, Bytes(values));
  next_row_ += rows;
  piece.set_last(next_row_ == writer_.rows());
  return true;
}

}  // namespace tessera::preprocess
