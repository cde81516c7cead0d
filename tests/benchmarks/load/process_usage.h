// SPDX-License-Identifier: Apache-2.0
//
// What another process has used, from /proc. Zeros for one that is gone.
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_PROCESS_USAGE_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_PROCESS_USAGE_H_

#include <sys/types.h>

namespace tessera::testing {

// User and system time of the process and the children it has now, seconds.
double CpuSeconds(pid_t process);

// Resident memory of the process and the children it has now, MiB.
double ResidentMib(pid_t process);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_PROCESS_USAGE_H_
