// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TESTS_SERVICES_PREPROCESS_PICTURE_PREPARING_H_
#define TESSERA_TESTS_SERVICES_PREPROCESS_PICTURE_PREPARING_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "services/preprocess/picture/picture_preparer.h"

namespace tessera::preprocess {

// The preparer of the whole test binary, with default limits.
const PicturePreparer& Preparer();

absl::StatusOr<PreparedPicture> Prepare(std::string_view file, const PictureOptions& options = {});

// The reason for which `file` is refused; "ACCEPTED" when it is not.
std::string RefusalOf(std::string_view file, const PictureOptions& options = {});

// PNG out: shows pixels without a second compression.
inline PictureOptions Lossless() { return {.encoding = PictureEncoding::kPng}; }

}  // namespace tessera::preprocess

#endif  // TESSERA_TESTS_SERVICES_PREPROCESS_PICTURE_PREPARING_H_
