// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/picture_errors.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/status/error.h"

namespace tessera::preprocess {
namespace {

absl::Status Refuse(std::string_view reason, std::string message, ErrorContext context = {}) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, message, std::move(context));
}

std::string_view Shown(PictureFormat format) {
  switch (format) {
    case PictureFormat::kJpeg:
      return "JPEG";
    case PictureFormat::kPng:
      return "PNG";
    case PictureFormat::kWebp:
      return "WebP";
    case PictureFormat::kGif:
      return "GIF";
    case PictureFormat::kTiff:
      return "TIFF";
    case PictureFormat::kAvif:
      return "AVIF";
    case PictureFormat::kHeic:
      return "HEIC";
  }
  return "picture";
}

std::string AcceptedFormats() {
  std::string names;
  for (PictureFormat format : kPictureFormats) {
    if (!names.empty()) names += ", ";
    names += Shown(format);
  }
  return names;
}

std::pair<std::string, std::string> Format(PictureFormat format) {
  return {"format", std::string(FormatName(format))};
}

}  // namespace

absl::Status EmptyError() { return Refuse(reason::kEmpty, "the picture has no bytes"); }

absl::Status TooManyBytesError(uint64_t file_bytes, uint64_t limit_bytes) {
  return Refuse(
      reason::kTooManyBytes,
      fmt::format("the picture file has {} bytes, the limit is {}", file_bytes, limit_bytes),
      {.metadata = {{"fileBytes", fmt::to_string(file_bytes)},
                    {"limitBytes", fmt::to_string(limit_bytes)}}});
}

absl::Status FormatUnsupportedError(std::string_view looks_like) {
  return Refuse(
      reason::kFormatUnsupported,
      fmt::format("the file looks like {}, accepted are {}", looks_like, AcceptedFormats()),
      {.metadata = {{"looksLike", std::string(looks_like)}}});
}

absl::Status HeaderCorruptError(PictureFormat format) {
  return Refuse(reason::kHeaderCorrupt,
                fmt::format("the header of the {} file cannot be read", Shown(format)),
                {.metadata = {Format(format)}});
}

absl::Status TruncatedError(PictureFormat format, uint64_t file_bytes) {
  return Refuse(reason::kTruncated,
                fmt::format("the {} file ends early, after {} bytes", Shown(format), file_bytes),
                {.metadata = {Format(format), {"fileBytes", fmt::to_string(file_bytes)}}});
}

absl::Status CorruptError(PictureFormat format) {
  return Refuse(reason::kCorrupt,
                fmt::format("the pixels of the {} file cannot be decoded", Shown(format)),
                {.metadata = {Format(format)}});
}

absl::Status TooManyPixelsError(uint64_t width_px, uint64_t height_px, uint64_t frames,
                                uint64_t limit_pixels) {
  ErrorContext context{.metadata = {{"widthPx", fmt::to_string(width_px)},
                                    {"heightPx", fmt::to_string(height_px)},
                                    {"limitPixels", fmt::to_string(limit_pixels)}}};
  std::string frames_note;
  if (frames > 1) {
    frames_note = fmt::format(" and needs {} frames decoded", frames);
    context.metadata.emplace_back("frames", fmt::to_string(frames));
  }
  return Refuse(reason::kTooManyPixels,
                fmt::format("the picture is {} x {} px{}, the limit is {} pixels", width_px,
                            height_px, frames_note, limit_pixels),
                std::move(context));
}

absl::Status AspectExtremeError(uint64_t width_px, uint64_t height_px, uint32_t limit_ratio) {
  return Refuse(
      reason::kAspectExtreme,
      fmt::format("the picture is {} x {} px, its long side may be at most {} times its short side",
                  width_px, height_px, limit_ratio),
      {.metadata = {{"widthPx", fmt::to_string(width_px)},
                    {"heightPx", fmt::to_string(height_px)},
                    {"limitRatio", fmt::to_string(limit_ratio)}}});
}

absl::Status TensorTooLargeError(uint64_t tensor_bytes, uint64_t limit_bytes) {
  return Refuse(
      reason::kTensorTooLarge,
      fmt::format("the tensor would have {} bytes; at most {} fit into one message, and a "
                  "stream takes any",
                  tensor_bytes, limit_bytes),
      {.metadata = {{"tensorBytes", fmt::to_string(tensor_bytes)},
                    {"limitBytes", fmt::to_string(limit_bytes)}}});
}

absl::Status FrameNotFoundError(uint32_t frame, uint32_t frames) {
  return Refuse(
      reason::kFrameNotFound,
      fmt::format("frame {} was asked for, but the file has {} frame{}, counted from 0", frame,
                  frames, frames == 1 ? "" : "s"),
      {.metadata = {{"frame", fmt::to_string(frame)}, {"frames", fmt::to_string(frames)}}});
}

absl::Status ProfileTooLargeError(PictureFormat format, uint64_t limit_bytes) {
  return Refuse(reason::kProfileTooLarge,
                fmt::format("the colour profile of the {} file has more than {} bytes",
                            Shown(format), limit_bytes),
                {.metadata = {Format(format), {"limitBytes", fmt::to_string(limit_bytes)}}});
}

absl::Status EncodeFailedError() {
  return MakeError(absl::StatusCode::kInternal, reason::kEncodeFailed,
                   "the prepared picture could not be encoded");
}

}  // namespace tessera::preprocess
