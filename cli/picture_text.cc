// SPDX-License-Identifier: Apache-2.0
#include "cli/picture_text.h"

#include <fmt/format.h>

#include <string_view>

#include "absl/strings/ascii.h"
#include "cli/quantities.h"

namespace tessera::cli {
namespace {

// "IMAGE_FORMAT_JPEG" without its prefix, in small letters.
std::string WithoutPrefix(const std::string& name, std::string_view prefix) {
  if (name.rfind(prefix, 0) != 0) return "unknown";
  return absl::AsciiStrToLower(name.substr(prefix.size()));
}

}  // namespace

std::string FormatText(image::v1::ImageFormat format) {
  if (format == image::v1::IMAGE_FORMAT_UNSPECIFIED) return "unknown";
  return WithoutPrefix(image::v1::ImageFormat_Name(format), "IMAGE_FORMAT_");
}

std::string EncodingText(image::v1::ImageEncoding encoding) {
  if (encoding == image::v1::IMAGE_ENCODING_UNSPECIFIED) return "jpeg";
  return WithoutPrefix(image::v1::ImageEncoding_Name(encoding), "IMAGE_ENCODING_");
}

std::string SourceText(const image::v1::ImageSource& source) {
  return fmt::format("{} {}x{}, {}", FormatText(source.format()), source.width_px(),
                     source.height_px(), SizeText(source.size_bytes()));
}

}  // namespace tessera::cli
