// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_files.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;

// Callers do not use it: two pictures under one id are refused by tessera-inference.
std::string FileStreamId(int index) { return fmt::format("tessera.file.{}", index); }

// `index` counts on over all lists of pictures of a request.
absl::Status TakeFrom(google::protobuf::RepeatedPtrField<image::v1::Image>& images, int& index,
                      std::vector<PictureFile>& files) {
  for (image::v1::Image& image : images) {
    if (index >= kMaxImages) {
      return InvalidField("images", fmt::format("are more than {}", kMaxImages));
    }
    const int position = index++;
    if (!image.has_content()) continue;
    std::string content = std::move(*image.mutable_content());
    image.set_stream_id(FileStreamId(position));
    files.push_back({.index = position,
                     .stream_id = image.stream_id(),
                     .content = std::move(content),
                     .place = &image});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<PictureFile>> TakeFiles(api::GenerateRequest& request) {
  std::vector<PictureFile> files;
  int index = 0;
  for (api::Message& message : *request.mutable_messages()) {
    TESSERA_RETURN_IF_ERROR(TakeFrom(*message.mutable_images(), index, files));
  }
  return files;
}

absl::StatusOr<std::vector<PictureFile>> TakeFiles(api::ClassifyRequest& request) {
  std::vector<PictureFile> files;
  int index = 0;
  TESSERA_RETURN_IF_ERROR(TakeFrom(*request.mutable_images(), index, files));
  return files;
}

absl::StatusOr<std::vector<PictureFile>> TakeFiles(api::EmbedRequest&) {
  return std::vector<PictureFile>();
}

}  // namespace tessera::preprocess
