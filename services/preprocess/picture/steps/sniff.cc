// SPDX-License-Identifier: Apache-2.0
#include "common/status/status_macros.h"
#include "services/preprocess/picture/picture_errors.h"
#include "services/preprocess/picture/steps/steps.h"

namespace tessera::preprocess {

absl::Status Sniff(Work& work) {
  if (work.file.size() > work.limits.max_file_bytes) {
    return TooManyBytesError(work.file.size(), work.limits.max_file_bytes);
  }
  SourceInfo& source = work.result.source;
  TESSERA_ASSIGN_OR_RETURN(source.format, SniffFormat(work.file));
  source.file_bytes = work.file.size();
  return absl::OkStatus();
}

}  // namespace tessera::preprocess
