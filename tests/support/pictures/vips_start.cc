// SPDX-License-Identifier: Apache-2.0
#include "tests/support/pictures/vips_start.h"

#include <vips/vips.h>

#include <cstdlib>
#include <mutex>

// Whoever links libvips into a test meets these; they are in the one file that all such tests
// link. Both are weak, so that a test can have its own.
extern "C" {

// x265 keeps a few bytes for ever.
__attribute__((weak)) const char* __lsan_default_suppressions();  // NOLINT
__attribute__((weak)) const char* __lsan_default_suppressions() { return "leak:libx265\n"; }

// GLib and libvips synchronise with futexes of their own, which ThreadSanitizer cannot see.
__attribute__((weak)) const char* __tsan_default_suppressions();  // NOLINT
__attribute__((weak)) const char* __tsan_default_suppressions() {
  return "called_from_lib:libvips.so\n"
         "called_from_lib:libglib-2.0.so\n"
         "called_from_lib:libgobject-2.0.so\n"
         "race:libvips.so\n"
         "race:libvips-cpp.so\n"
         "race:libglib-2.0.so\n"
         "race:libgobject-2.0.so\n";
}

}  // extern "C"

namespace tessera::testing {

void StartVipsOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (VIPS_INIT("tests") != 0) std::abort();
  });
}

}  // namespace tessera::testing
