// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_messages.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/rpc/proto_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_limits.h"
#include "services/preprocess/preprocess_metrics.h"

namespace tessera::preprocess {
namespace {

constexpr uint32_t kMaxSidePx = 4096;

absl::StatusOr<Engine> ToEngine(const std::string& field, image::v1::Engine engine) {
  switch (engine) {
    case image::v1::ENGINE_OLLAMA_LEGACY:
      return Engine::kOllamaLegacy;
    case image::v1::ENGINE_OLLAMA_CURRENT:
      return Engine::kOllamaCurrent;
    case image::v1::ENGINE_HUGGING_FACE:
      return Engine::kHuggingFace;
    case image::v1::ENGINE_LLAMA_CPP:
      return Engine::kLlamaCpp;
    default:
      return InvalidField(field + ".engine_fit.engine", "names no Engine");
  }
}

absl::StatusOr<SizePolicy> ToSizePolicy(const image::v1::ImageOptions& given,
                                        const std::string& field) {
  SizePolicy policy;
  switch (given.size_policy_case()) {
    case image::v1::ImageOptions::SIZE_POLICY_NOT_SET:
      return policy;
    case image::v1::ImageOptions::kEngineFit: {
      TESSERA_ASSIGN_OR_RETURN(const Engine engine, ToEngine(field, given.engine_fit().engine()));
      return EngineFit{engine};
    }
    case image::v1::ImageOptions::kTokenBudget:
      policy = TokenBudget{.min_cells = std::max(1u, given.token_budget().min_tokens()),
                           .max_cells = given.token_budget().max_tokens()};
      break;
    case image::v1::ImageOptions::kExact:
      if (given.exact().fit() < image::v1::EXACT_FIT_UNSPECIFIED ||
          given.exact().fit() > image::v1::EXACT_FIT_STRETCH) {
        return InvalidField(field + ".exact.fit", "is not an ExactFit");
      }
      policy = ExactSize{.width_px = given.exact().width_px(),
                         .height_px = given.exact().height_px(),
                         .stretch = given.exact().fit() == image::v1::EXACT_FIT_STRETCH};
      break;
  }
  if (given.has_max_side_px()) {
    return InvalidField(field + ".max_side_px", "has no meaning beside token_budget and exact");
  }
  return policy;
}

absl::StatusOr<uint8_t> Channel(const std::string& field, const char* name, uint32_t value) {
  if (value > 255) return InvalidField(field + ".background." + name, "must be in [0, 255]");
  return static_cast<uint8_t>(value);
}

image::v1::ImageFormat ToMessage(PictureFormat format) {
  switch (format) {
    case PictureFormat::kJpeg:
      return image::v1::IMAGE_FORMAT_JPEG;
    case PictureFormat::kPng:
      return image::v1::IMAGE_FORMAT_PNG;
    case PictureFormat::kWebp:
      return image::v1::IMAGE_FORMAT_WEBP;
    case PictureFormat::kGif:
      return image::v1::IMAGE_FORMAT_GIF;
    case PictureFormat::kTiff:
      return image::v1::IMAGE_FORMAT_TIFF;
    case PictureFormat::kAvif:
      return image::v1::IMAGE_FORMAT_AVIF;
    case PictureFormat::kHeic:
      return image::v1::IMAGE_FORMAT_HEIC;
  }
  return image::v1::IMAGE_FORMAT_UNSPECIFIED;
}

void AddStage(image::v1::PreparedImage& image, std::string_view name, absl::Duration duration) {
  auto* stage = image.add_stage_times();
  stage->set_stage(std::string(name));
  *stage->mutable_duration() = ToProto(duration);
}

}  // namespace

absl::StatusOr<PictureOptions> ToPictureOptions(const image::v1::ImageOptions& given,
                                                std::string_view field_name) {
  const std::string field(field_name);
  PictureOptions options;
  if (given.has_max_side_px()) options.max_side_px = given.max_side_px();
  if (options.max_side_px < kMinPreparedSidePx || options.max_side_px > kMaxSidePx) {
    return InvalidField(field + ".max_side_px", "must be in [32, 4096]");
  }
  TESSERA_ASSIGN_OR_RETURN(options.size, ToSizePolicy(given, field));
  TESSERA_RETURN_IF_ERROR(Validate(options.size, field + "."));
  switch (given.encoding()) {
    case image::v1::IMAGE_ENCODING_UNSPECIFIED:
    case image::v1::IMAGE_ENCODING_JPEG:
      options.encoding = PictureEncoding::kJpeg;
      break;
    case image::v1::IMAGE_ENCODING_PNG:
      options.encoding = PictureEncoding::kPng;
      break;
    default:
      return InvalidField(field + ".encoding", "is not an ImageEncoding");
  }
  if (given.has_jpeg_quality()) options.jpeg_quality = given.jpeg_quality();
  if (options.jpeg_quality < 1 || options.jpeg_quality > 100) {
    return InvalidField(field + ".jpeg_quality", "must be in [1, 100]");
  }
  if (given.has_background()) {
    const image::v1::RgbColor& color = given.background();
    TESSERA_ASSIGN_OR_RETURN(options.background.red, Channel(field, "red", color.red()));
    TESSERA_ASSIGN_OR_RETURN(options.background.green, Channel(field, "green", color.green()));
    TESSERA_ASSIGN_OR_RETURN(options.background.blue, Channel(field, "blue", color.blue()));
  }
  options.frame = given.frame();
  switch (given.kernel()) {
    case image::v1::KERNEL_UNSPECIFIED:
    case image::v1::KERNEL_LANCZOS3:
      options.filter = ResizeFilter::kLanczos3;
      break;
    case image::v1::KERNEL_BICUBIC:
      options.filter = ResizeFilter::kBicubic;
      break;
    default:
      return InvalidField(field + ".kernel", "is not a Kernel");
  }
  return options;
}

image::v1::PreparedImage ToMessage(PreparedPicture picture, absl::Duration queued) {
  image::v1::PreparedImage image;
  image.set_data(std::move(picture.bytes));
  if (!picture.tensor) {
    image.set_encoding(picture.encoding == PictureEncoding::kJpeg ? image::v1::IMAGE_ENCODING_JPEG
                                                                  : image::v1::IMAGE_ENCODING_PNG);
  }
  image.set_width_px(picture.width_px);
  image.set_height_px(picture.height_px);
  image.set_pixel_digest(absl::HexStringToBytes(picture.pixel_digest));
  image.mutable_prompt_tokens()->set_ollama_legacy(picture.prompt_tokens.ollama_legacy);
  image.mutable_prompt_tokens()->set_ollama_current(picture.prompt_tokens.ollama_current);
  image.mutable_prompt_tokens()->set_hugging_face(picture.prompt_tokens.hugging_face);
  image.mutable_prompt_tokens()->set_llama_cpp(picture.prompt_tokens.llama_cpp);
  image.mutable_placement()->set_left_px(picture.content.left_px);
  image.mutable_placement()->set_top_px(picture.content.top_px);
  image.mutable_placement()->set_width_px(picture.content.width_px);
  image.mutable_placement()->set_height_px(picture.content.height_px);
  image::v1::ImageSource& source = *image.mutable_source();
  source.set_format(ToMessage(picture.source.format));
  source.set_size_bytes(picture.source.file_bytes);
  source.set_width_px(picture.source.width_px);
  source.set_height_px(picture.source.height_px);
  source.set_orientation(static_cast<uint32_t>(picture.source.orientation));
  source.set_colour_space(std::string(ColorSpaceName(picture.source.color_space)));
  source.set_has_icc_profile(picture.source.has_icc_profile);
  source.set_has_alpha(picture.source.has_alpha);
  source.set_frames(picture.source.frames);
  image::v1::Transform& transform = *image.mutable_transform();
  transform.set_a(picture.to_source.xx);
  transform.set_b(picture.to_source.xy);
  transform.set_c(picture.to_source.x0);
  transform.set_d(picture.to_source.yx);
  transform.set_e(picture.to_source.yy);
  transform.set_f(picture.to_source.y0);
  image.mutable_plan()->set_decoder(std::string(picture.plan.path));
  image.mutable_plan()->set_shrink_on_load(static_cast<uint32_t>(picture.plan.shrink_on_load));
  image.mutable_plan()->set_kernel(std::string(picture.plan.kernel));
  AddStage(image, kQueueStage, queued);
  for (const StageTime& stage : picture.stage_times) AddStage(image, stage.name, stage.duration);
  return image;
}

inference::v1::ImageSummary Summarise(const image::v1::PreparedImage& image, int index) {
  inference::v1::ImageSummary summary;
  summary.set_index(static_cast<uint32_t>(index));
  summary.set_width_px(image.width_px());
  summary.set_height_px(image.height_px());
  summary.set_size_bytes(image.data().size());
  summary.set_pixel_digest(image.pixel_digest());
  *summary.mutable_source() = image.source();
  *summary.mutable_transform() = image.transform();
  *summary.mutable_prompt_tokens() = image.prompt_tokens();
  *summary.mutable_stage_times() = image.stage_times();
  return summary;
}

}  // namespace tessera::preprocess
