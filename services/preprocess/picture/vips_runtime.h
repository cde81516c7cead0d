// SPDX-License-Identifier: Apache-2.0
//
// libvips for the whole process: started once, made safe for files from strangers.
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_VIPS_RUNTIME_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_VIPS_RUNTIME_H_

#include <cstdint>

#include "absl/status/status.h"
#include "services/preprocess/picture/picture_format.h"

namespace tessera::preprocess {

// Starts libvips if nobody has: loaders that libvips itself does not trust are blocked, and so are
// ImageMagick, OpenSlide, Poppler and JPEG XL; no operation cache; one thread per evaluation
// (the caller brings the parallelism); libvips' messages are dropped, because they may quote the
// file of another request. Thread-safe, but the first call belongs to a single-threaded process.
// Error: INTERNAL/VIPS_UNAVAILABLE.
absl::Status StartVips();

// Whether this libvips can decode `format`: AVIF and HEIC live in a module that may be missing.
bool VipsCanLoad(PictureFormat format);

// Makes the calling thread give its libvips buffers back when it ends. Call before the thread's
// first use of libvips; further calls cost nothing.
void ReleaseVipsBuffersAtThreadExit();

struct VipsMemory {
  uint64_t bytes = 0;      // Pixel memory held now.
  uint64_t max_bytes = 0;  // The most ever held.
  uint64_t allocations = 0;
};

// For gauges.
VipsMemory VipsMemoryNow();

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_VIPS_RUNTIME_H_
