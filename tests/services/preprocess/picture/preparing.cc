// SPDX-License-Identifier: Apache-2.0
#include "tests/services/preprocess/picture/preparing.h"

#include "common/status/error.h"

namespace tessera::preprocess {

const PicturePreparer& Preparer() {
  static const auto& preparer = *new auto(PicturePreparer::Make(PictureLimits{}).value());
  return *preparer;
}

absl::StatusOr<PreparedPicture> Prepare(std::string_view file, const PictureOptions& options) {
  return Preparer().Prepare(file, options, NeverCancelled);
}

std::string RefusalOf(std::string_view file, const PictureOptions& options) {
  const auto prepared = Prepare(file, options);
  return prepared.ok() ? "ACCEPTED" : ReasonOf(prepared.status());
}

}  // namespace tessera::preprocess
