// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/picture_preparer.h"

#include <utility>

#include "common/status/status_macros.h"
#include "services/preprocess/picture/pipeline.h"
#include "services/preprocess/picture/steps/work.h"
#include "services/preprocess/picture/vips_runtime.h"

namespace tessera::preprocess {

absl::StatusOr<std::unique_ptr<PicturePreparer>> PicturePreparer::Make(
    const PictureLimits& limits) {
  TESSERA_RETURN_IF_ERROR(Validate(limits));
  TESSERA_RETURN_IF_ERROR(StartVips());
  return std::unique_ptr<PicturePreparer>(new PicturePreparer(limits));
}

absl::StatusOr<PreparedPicture> PicturePreparer::Prepare(std::string_view file,
                                                         const PictureOptions& options,
                                                         CancelCheck cancelled) const {
  TESSERA_RETURN_IF_ERROR(Validate(options));
  ReleaseVipsBuffersAtThreadExit();
  Work work{.file = file, .options = options, .limits = limits_, .cancelled = cancelled};
  TESSERA_RETURN_IF_ERROR(RunAllSteps(work));
  return std::move(work.result);
}

absl::StatusOr<SourceInfo> PicturePreparer::Inspect(std::string_view file,
                                                    const PictureOptions& options) const {
  TESSERA_RETURN_IF_ERROR(Validate(options));
  ReleaseVipsBuffersAtThreadExit();
  Work work{.file = file, .options = options, .limits = limits_, .cancelled = NeverCancelled};
  TESSERA_RETURN_IF_ERROR(RunHeaderSteps(work));
  return work.result.source;
}

}  // namespace tessera::preprocess
