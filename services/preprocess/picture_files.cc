// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture_files.h"

#include <fmt/format.h>

#include "common/status/error.h"

namespace tessera::preprocess {
namespace {

namespace api = inference::v1;

// Callers do not use it: two pictures under one id are refused by tessera-inference.
std::string FileStreamId(int index) { return fmt::format("tessera.file.{}", index); }

absl::Status TooManyImages() {
  return InvalidField("images", fmt::format("are more than {}", kMaxImages));
}

}  // namespace

bool HasFiles(const api::GenerateRequest& request) {
  for (const api::Message& message : request.messages()) {
    for (const image::v1::Image& image : message.images()) {
      if (image.has_content()) return true;
    }
  }
  return false;
}

absl::StatusOr<api::GenerateRequest> PartFiles(const api::GenerateRequest& request,
                                               std::vector<PictureFile>& files) {
  api::GenerateRequest parted;
  parted.set_model(request.model());
  if (request.has_sampling()) *parted.mutable_sampling() = request.sampling();
  if (request.has_keep_alive()) *parted.mutable_keep_alive() = request.keep_alive();
  parted.set_request_id(request.request_id());
  if (request.has_response_format()) {
    *parted.mutable_response_format() = request.response_format();
  }
  parted.set_thinking(request.thinking());
  *parted.mutable_tools() = request.tools();
  if (request.has_top_logprobs()) parted.set_top_logprobs(request.top_logprobs());
  parted.set_priority(request.priority());
  parted.set_cache_policy(request.cache_policy());
  if (request.has_runtime()) *parted.mutable_runtime() = request.runtime();
  int index = 0;
  for (const api::Message& message : request.messages()) {
    api::Message& copy = *parted.add_messages();
    copy.set_role(message.role());
    copy.set_text(message.text());
    *copy.mutable_tool_calls() = message.tool_calls();
    copy.set_tool_name(message.tool_name());
    copy.set_thinking(message.thinking());
    for (const image::v1::Image& image : message.images()) {
      if (index >= kMaxImages) return TooManyImages();
      image::v1::Image& forwarded = *copy.add_images();
      if (image.has_content()) {
        files.push_back({index, FileStreamId(index), image.content()});
        forwarded.set_stream_id(FileStreamId(index));
      } else {
        forwarded = image;
      }
      ++index;
    }
  }
  return parted;
}

absl::StatusOr<api::ClassifyRequest> PartFiles(const api::ClassifyRequest& request,
                                               std::vector<PictureFile>& files) {
  if (request.images_size() > kMaxImages) return TooManyImages();
  api::ClassifyRequest parted;
  parted.set_model(request.model());
  parted.set_text(request.text());
  *parted.mutable_labels() = request.labels();
  if (request.has_keep_alive()) *parted.mutable_keep_alive() = request.keep_alive();
  parted.set_request_id(request.request_id());
  *parted.mutable_label_descriptions() = request.label_descriptions();
  if (request.has_max_labels()) parted.set_max_labels(request.max_labels());
  parted.set_allow_none(request.allow_none());
  parted.set_priority(request.priority());
  parted.set_cache_policy(request.cache_policy());
  for (int i = 0; i < request.images_size(); ++i) {
    image::v1::Image& forwarded = *parted.add_images();
    if (request.images(i).has_content()) {
      files.push_back({i, FileStreamId(i), request.images(i).content()});
    } else {
      forwarded = request.images(i);
    }
  }
  return parted;
}

}  // namespace tessera::preprocess
