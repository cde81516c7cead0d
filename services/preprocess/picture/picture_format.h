// SPDX-License-Identifier: Apache-2.0
//
// The file formats that are accepted, recognised by the first bytes of the file and by nothing
// else: neither a file name nor a declared media type is ever believed.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_FORMAT_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_FORMAT_H_

#include <array>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera::preprocess {

enum class PictureFormat { kJpeg, kPng, kWebp, kGif, kTiff, kAvif, kHeic };

inline constexpr std::array<PictureFormat, 7> kPictureFormats = {
    PictureFormat::kJpeg, PictureFormat::kPng,  PictureFormat::kWebp, PictureFormat::kGif,
    PictureFormat::kTiff, PictureFormat::kAvif, PictureFormat::kHeic};

// "jpeg", "png", ...: lower case, fit for a metric label.
std::string_view FormatName(PictureFormat format);

// What the file is. Errors: IMAGE_EMPTY; IMAGE_FORMAT_UNSUPPORTED, whose message names what the
// bytes look like and lists what is accepted. Reads at most the first 4 KiB.
absl::StatusOr<PictureFormat> SniffFormat(std::string_view file);

// What bytes that are no accepted picture look like, for an error message: "a BMP picture", "an
// SVG drawing", "text", "unknown bytes".
std::string_view DescribeForeignBytes(std::string_view file);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_FORMAT_H_
