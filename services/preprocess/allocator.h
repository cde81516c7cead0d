// SPDX-License-Identifier: Apache-2.0
//
// The allocator behind malloc: jemalloc in the binary, the C library's in tests.
#ifndef TESSERA_SERVICES_PREPROCESS_ALLOCATOR_H_
#define TESSERA_SERVICES_PREPROCESS_ALLOCATOR_H_

#include <cstdint>

namespace tessera::preprocess {

struct AllocatorMemory {
  uint64_t allocated_bytes = 0;  // Asked for and not given back by the program.
  uint64_t resident_bytes = 0;   // Physical memory the allocator occupies for it.
  uint64_t retained_bytes = 0;   // Address space kept for later, without memory behind it.
};

// Takes microseconds to milliseconds. Thread-safe.
AllocatorMemory AllocatorMemoryNow();

// "jemalloc" or "libc".
const char* AllocatorName();

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_ALLOCATOR_H_
