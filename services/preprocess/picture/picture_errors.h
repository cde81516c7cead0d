// SPDX-License-Identifier: Apache-2.0
//
// Every way in which a picture can be refused. All are INVALID_ARGUMENT: sending the same file
// again cannot help. Messages are written here and never contain a decoder's own text, which
// libvips shares between all threads.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_ERRORS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_ERRORS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "services/preprocess/picture/picture_format.h"

namespace tessera::preprocess {

namespace reason {
inline constexpr std::string_view kEmpty = "IMAGE_EMPTY";
inline constexpr std::string_view kTooManyBytes = "IMAGE_TOO_MANY_BYTES";
inline constexpr std::string_view kFormatUnsupported = "IMAGE_FORMAT_UNSUPPORTED";
inline constexpr std::string_view kHeaderCorrupt = "IMAGE_HEADER_CORRUPT";
inline constexpr std::string_view kTruncated = "IMAGE_TRUNCATED";
inline constexpr std::string_view kCorrupt = "IMAGE_CORRUPT";
inline constexpr std::string_view kTooManyPixels = "IMAGE_TOO_MANY_PIXELS";
inline constexpr std::string_view kAspectExtreme = "IMAGE_ASPECT_EXTREME";
inline constexpr std::string_view kFrameNotFound = "IMAGE_FRAME_NOT_FOUND";
inline constexpr std::string_view kTensorTooLarge = "TENSOR_TOO_LARGE";
inline constexpr std::string_view kProfileTooLarge = "IMAGE_PROFILE_TOO_LARGE";
inline constexpr std::string_view kEncodeFailed = "IMAGE_ENCODE_FAILED";  // INTERNAL, ours.
}  // namespace reason

// Every reason a picture is refused for; for creating metrics up front.
inline constexpr std::array<std::string_view, 11> kRefusalReasons = {
    reason::kEmpty,           reason::kTooManyBytes,  reason::kFormatUnsupported,
    reason::kHeaderCorrupt,   reason::kTruncated,     reason::kCorrupt,
    reason::kTooManyPixels,   reason::kAspectExtreme, reason::kFrameNotFound,
    reason::kProfileTooLarge, reason::kTensorTooLarge};

absl::Status EmptyError();
absl::Status TooManyBytesError(uint64_t file_bytes, uint64_t limit_bytes);
// `looks_like` as DescribeForeignBytes says it.
absl::Status FormatUnsupportedError(std::string_view looks_like);
absl::Status HeaderCorruptError(PictureFormat format);
absl::Status TruncatedError(PictureFormat format, uint64_t file_bytes);
absl::Status CorruptError(PictureFormat format);
// `frames` > 1 when only the frames together are too many pixels.
absl::Status TooManyPixelsError(uint64_t width_px, uint64_t height_px, uint64_t frames,
                                uint64_t limit_pixels);
absl::Status AspectExtremeError(uint64_t width_px, uint64_t height_px, uint32_t limit_ratio);
absl::Status FrameNotFoundError(uint32_t frame, uint32_t frames);
absl::Status TensorTooLargeError(uint64_t tensor_bytes, uint64_t limit_bytes);
absl::Status ProfileTooLargeError(PictureFormat format, uint64_t limit_bytes);
absl::Status EncodeFailedError();

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_ERRORS_H_
