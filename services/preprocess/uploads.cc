// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/uploads.h"

#include <fmt/format.h>

#include <utility>

#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_errors.h"

namespace tessera::preprocess {
namespace {
constexpr size_t kMaxStreamId = 64;
constexpr size_t kMaxChunkBytes = 4 << 20;
}  // namespace

absl::Status Uploads::Expect(const inference::v1::GenerateRequest& start) {
  int index = 0;
  for (const inference::v1::Message& message : start.messages()) {
    for (const image::v1::Image& image : message.images()) {
      const int position = index++;
      if (image.source_case() != image::v1::Image::kStreamId) continue;
      const std::string& id = image.stream_id();
      if (id.empty() || id.size() > kMaxStreamId) {
        return InvalidField("stream_id", "must be 1 to 64 characters");
      }
      if (!expected_.emplace(id, Expected{.index = position, .file = {}}).second) {
        return InvalidField("stream_id", fmt::format("'{}' is promised twice", id));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Upload> Uploads::Take(inference::v1::StreamedImage image) {
  TESSERA_ASSIGN_OR_RETURN(const auto found, Find(image.stream_id()));
  if (!found->second.file.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
                     fmt::format("the picture '{}' came in chunks and whole", image.stream_id()));
  }
  Upload upload{.index = found->second.index, .stream_id = image.stream_id()};
  switch (image.image().source_case()) {
    case image::v1::Image::kContent:
      upload.file = Keep(std::move(*image.mutable_image()->mutable_content()));
      break;
    case image::v1::Image::kPrepared:
      upload.prepared = std::move(*image.mutable_image());
      break;
    default:
      return InvalidField("image", "must be a picture file or a prepared picture");
  }
  expected_.erase(found);
  return upload;
}

absl::StatusOr<std::optional<Upload>> Uploads::Take(inference::v1::ImageChunk chunk) {
  TESSERA_ASSIGN_OR_RETURN(const auto found, Find(chunk.stream_id()));
  if (chunk.data().empty() && !chunk.last()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
                     "a chunk that is not the last one is empty");
  }
  if (chunk.data().size() > kMaxChunkBytes) {
    return InvalidField("chunk.data", fmt::format("has {} bytes; at most {} are allowed",
                                                  chunk.data().size(), kMaxChunkBytes));
  }
  std::string& file = found->second.file;
  if (file.size() + chunk.data().size() > max_file_bytes_) {
    return TooManyBytesError(file.size() + chunk.data().size(), max_file_bytes_);
  }
  if (file.empty()) {
    file = std::move(*chunk.mutable_data());
  } else {
    file += chunk.data();
  }
  if (!chunk.last()) return std::nullopt;
  Upload upload{.index = found->second.index, .stream_id = chunk.stream_id()};
  upload.file = Keep(std::move(file));
  expected_.erase(found);
  return upload;
}

absl::StatusOr<std::map<std::string, Uploads::Expected>::iterator> Uploads::Find(
    const std::string& stream_id) {
  const auto found = expected_.find(stream_id);
  if (found == expected_.end()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
                     "a picture came that `start` did not promise, or came twice");
  }
  return found;
}

std::string_view Uploads::Keep(std::string file) {
  files_.push_back(std::move(file));
  return files_.back();
}

}  // namespace tessera::preprocess
