// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_CLI_PICTURE_TEXT_H_
#define TESSERA_CLI_PICTURE_TEXT_H_

#include <tessera/image/v1/image.pb.h>

#include <string>

namespace tessera::cli {

// "jpeg", "png" ...; "unknown".
std::string FormatText(image::v1::ImageFormat format);

// "jpeg" or "png".
std::string EncodingText(image::v1::ImageEncoding encoding);

// "jpeg 4000x3000, 3.2 MiB".
std::string SourceText(const image::v1::ImageSource& source);

}  // namespace tessera::cli

#endif  // TESSERA_CLI_PICTURE_TEXT_H_
