// SPDX-License-Identifier: Apache-2.0
#include "services/preprocess/allocator.h"

#include <malloc.h>

#include <cstddef>

// jemalloc's own interface: there when the binary was linked with it.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old, size_t* old_bytes,
                                             void* given, size_t given_bytes);

namespace tessera::preprocess {
namespace {

uint64_t Statistic(const char* name) {
  size_t value = 0;
  size_t bytes = sizeof(value);
  return mallctl(name, &value, &bytes, nullptr, 0) == 0 ? value : 0;
}

}  // namespace

AllocatorMemory AllocatorMemoryNow() {
  if (mallctl == nullptr) {
    const auto info = mallinfo2();
    return {.allocated_bytes = info.uordblks + info.hblkhd,
            .resident_bytes = info.arena + info.hblkhd,
            .retained_bytes = 0};
  }
  // Statistics are those of the last epoch, and asking moves it on.
  uint64_t epoch = 1;
  size_t bytes = sizeof(epoch);
  mallctl("epoch", &epoch, &bytes, &epoch, bytes);
  return {.allocated_bytes = Statistic("stats.allocated"),
          .resident_bytes = Statistic("stats.resident"),
          .retained_bytes = Statistic("stats.retained")};
}

const char* AllocatorName() { return mallctl == nullptr ? "libc" : "jemalloc"; }

}  // namespace tessera::preprocess
