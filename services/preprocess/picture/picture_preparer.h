// SPDX-License-Identifier: Apache-2.0
//
// Turns any picture file into the picture an engine should see. The one class of this folder that
// other folders call; pipeline.cc lists what it does, step by step.
//
//   auto preparer = PicturePreparer::Make(PictureLimits{});
//   auto picture = (*preparer)->Prepare(file_bytes, PictureOptions{}, NeverCancelled);
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_PREPARER_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_PREPARER_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/preprocess/picture/cancel_check.h"
#include "services/preprocess/picture/picture_limits.h"
#include "services/preprocess/picture/picture_options.h"
#include "services/preprocess/picture/prepared_picture.h"
#include "services/preprocess/picture/source_info.h"

namespace tessera::preprocess {

// Thread-safe; holds no state but its limits.
class PicturePreparer {
 public:
  // Starts libvips for this process if nobody has. Call it first while the process has one
  // thread. Errors: InvalidField for a bad limit; INTERNAL/VIPS_UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<PicturePreparer>> Make(const PictureLimits& limits);

  // Prepares one picture. Blocks for milliseconds to seconds: call it on a worker thread, as many
  // at a time as there are cores. `file` must stay valid until it returns.
  //
  // Every error about the picture is INVALID_ARGUMENT with one of the reasons of
  // picture_errors.h; a bad option is INVALID_ARGUMENT/FIELD_INVALID; a status of `cancelled` is
  // passed through unchanged; INTERNAL/IMAGE_ENCODE_FAILED is ours.
  absl::StatusOr<PreparedPicture> Prepare(std::string_view file, const PictureOptions& options,
                                          CancelCheck cancelled) const;

  // What Prepare would find out before it decodes a pixel: format, header, limits. Takes well
  // under a millisecond for most files. Errors as above.
  absl::StatusOr<SourceInfo> Inspect(std::string_view file, const PictureOptions& options) const;

  const PictureLimits& limits() const { return limits_; }

 private:
  explicit PicturePreparer(const PictureLimits& limits) : limits_(limits) {}

  const PictureLimits limits_;
};

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PICTURE_PREPARER_H_
