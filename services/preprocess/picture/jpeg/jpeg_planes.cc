// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_planes.h"

#include "services/preprocess/picture/jpeg/jpeg_rows.h"

namespace tessera::preprocess {

absl::Status JpegPlanes::Start() {
  return decoder_->Start(shrink_) ? absl::OkStatus() : JpegFailureStatus(*decoder_, file_bytes_);
}

absl::Status JpegPlanes::ReadRows(uint8_t** const (&rows)[3]) {
  return decoder_->ReadRows(rows) ? absl::OkStatus() : JpegFailureStatus(*decoder_, file_bytes_);
}

}  // namespace tessera::preprocess
