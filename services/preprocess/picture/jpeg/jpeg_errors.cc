// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/jpeg/jpeg_errors.h"

#include <jerror.h>

namespace tessera::preprocess {
namespace {

// Rows of blocks: careless encoders leave out a few bits at the very end.
constexpr JDIMENSION kTolerableRows = 1;

constexpr long kMaxWarnings = 100;  // NOLINT: libjpeg counts them in a long.

void OnError(j_common_ptr cinfo) { JumpOutOfJpeg(cinfo, JpegFailure::kCorrupt); }

// The scan ended, with the end mark behind it, long before the picture did: somebody cut the file
// and mended its end. What is missing would be shown gray.
bool EndsEarly(j_common_ptr cinfo) {
  const auto* decoder = reinterpret_cast<const jpeg_decompress_struct*>(cinfo);
  return decoder->unread_marker == JPEG_EOI &&
         decoder->input_iMCU_row + kTolerableRows < decoder->total_iMCU_rows;
}

void OnMessage(j_common_ptr cinfo, int level) {
  if (level >= 0) return;
  const int message = cinfo->err->msg_code;
  if (message == JWRN_JPEG_EOF || (message == JWRN_HIT_MARKER && EndsEarly(cinfo))) {
    JumpOutOfJpeg(cinfo, JpegFailure::kTruncated);
  }
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
