// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_errors.h"

#include <jerror.h>

namespace tessera::preprocess {
namespace {

constexpr long kMaxWarnings = 100;  // NOLINT: libjpeg counts them in a long.

void OnError(j_common_ptr cinfo) { JumpOutOfJpeg(cinfo, JpegFailure::kCorrupt); }

void OnMessage(j_common_ptr cinfo, int level) {
  if (level >= 0) return;
  if (cinfo->err->msg_code == JWRN_JPEG_EOF) JumpOutOfJpeg(cinfo, JpegFailure::kTruncated);
  if (++cinfo->err->num_warnings > kMaxWarnings) JumpOutOfJpeg(cinfo, JpegFailure::kCorrupt);
}

}  // namespace

jpeg_error_mgr* InstallJpegErrors(JpegErrors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = OnError;
  errors.base.emit_message = OnMessage;
  errors.base.output_message = [](j_common_ptr) {};
  return &errors.base;
}

void JumpOutOfJpeg(j_common_ptr cinfo, JpegFailure failure) {
  auto* errors = reinterpret_cast<JpegErrors*>(cinfo->err);
  errors->failure = failure;
  std::longjmp(errors->jump, 1);
}

}  // namespace tessera::preprocess
