// SPDX-License-Identifier: Apache-2.0
//
// libjpeg reports errors by never returning. Here that becomes a jump back into the method of ours
// that called it, and never crosses a frame of ours that owns anything:
//
//   bool JpegDecoder::Something() {
//     if (setjmp(errors_.jump)) return false;  // errors_.failure says why.
//     jpeg_something(&cinfo_);                 // Only plain values between setjmp and return.
//     return true;
//   }
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ERRORS_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ERRORS_H_

#include <csetjmp>
#include <cstddef>
#include <cstdio>

// jpeglib.h uses FILE and size_t without declaring them.
// clang-format off
#include <jpeglib.h>
// clang-format on

namespace tessera::preprocess {

enum class JpegFailure { kNone, kTruncated, kCorrupt, kCancelled };

struct JpegErrors {
  // Must be first: libjpeg hands back a pointer to it.
  jpeg_error_mgr base;
  std::jmp_buf jump;
  JpegFailure failure = JpegFailure::kNone;
};

// Fills `errors` and returns what belongs into cinfo.err. Nothing is ever printed. A file that
// ends early fails; single oddities do not, a hundred of them do.
jpeg_error_mgr* InstallJpegErrors(JpegErrors& errors);

// Leaves libjpeg for the last setjmp. The calling frame must own nothing.
[[noreturn]] void JumpOutOfJpeg(j_common_ptr cinfo, JpegFailure failure);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_JPEG_JPEG_ERRORS_H_
