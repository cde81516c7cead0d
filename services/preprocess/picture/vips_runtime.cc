// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/picture/vips_runtime.h"

#include <vips/vips.h>

#include "absl/base/call_once.h"
#include "common/status/error.h"

namespace tessera::preprocess {
namespace {

bool StartOnce() {
  if (VIPS_INIT("tessera") != 0) return false;
  vips_block_untrusted_set(TRUE);
  // Debian builds these as modules; they are blocked by name as well, so that a libvips which
  // trusts one of them one day changes nothing here.
  for (const char* loader : {"VipsForeignLoadMagick", "VipsForeignLoadOpenslide",
                             "VipsForeignLoadPdf", "VipsForeignLoadJxl"}) {
    vips_operation_block_set(loader, TRUE);
  }
  vips_cache_set_max(0);
  vips_cache_set_max_mem(0);
  vips_concurrency_set(1);
  g_log_set_handler(
      "VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL),
      [](const gchar*, GLogLevelFlags, const gchar*, gpointer) {}, nullptr);
  return true;
}

class ThreadExit {
 public:
  ThreadExit() = default;
  ThreadExit(const ThreadExit&) = delete;
  ThreadExit& operator=(const ThreadExit&) = delete;
  ~ThreadExit() { vips_thread_shutdown(); }

  void Touch() {}
};

}  // namespace

absl::Status StartVips() {
  static absl::once_flag once;
  static bool started = false;
  absl::call_once(once, [] { started = StartOnce(); });
  if (started) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "VIPS_UNAVAILABLE", "libvips did not start");
}

bool VipsCanLoad(PictureFormat format) {
  const bool heif = format == PictureFormat::kAvif || format == PictureFormat::kHeic;
  return !heif || vips_type_find("VipsOperation", "heifload_buffer") != 0;
}

void ReleaseVipsBuffersAtThreadExit() {
  static thread_local ThreadExit at_exit;
  at_exit.Touch();
}

VipsMemory VipsMemoryNow() {
  return {.bytes = vips_tracked_get_mem(),
          .max_bytes = vips_tracked_get_mem_highwater(),
          .allocations = static_cast<uint64_t>(vips_tracked_get_allocs())};
}

}  // namespace tessera::preprocess
