// SPDX-License-Identifier: Apache-2.0
//
// Load in its two forms, and what was measured.
#ifndef TESSERA_TESTS_BENCHMARKS_LOAD_LOAD_H_
#define TESSERA_TESTS_BENCHMARKS_LOAD_LOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/benchmarks/load/target.h"

namespace tessera::testing {

// Milliseconds, and what failed.
struct Latencies {
  std::vector<double> ms;  // Ascending.
  int64_t failed = 0;
  double seconds = 0;  // That the load lasted.

  double At(double quantile) const;
  double PerSecond() const { return static_cast<double>(ms.size()) / seconds; }
};

// Each of `clients` sends its next request when the last one is answered.
Latencies ClosedLoop(Target& target, int clients, double seconds);

// Requests leave on schedule, whatever becomes of earlier ones; latency counts from the schedule.
// Ends early, with the rest failed, when 2,000 are open at once: the target cannot keep up.
Latencies OpenLoop(Target& target, double per_second, double seconds);

// `streams` at once; the delay of each piece from the stamp in it ("@<monotonic ns>@") to its
// arrival here.
Latencies PieceDelays(Target& target, int streams);

double Median(std::vector<double> values);

// "1.2 [1.1, 1.4]": median, lowest, highest.
std::string WithSpread(const std::vector<double>& values, int decimals = 3);

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_BENCHMARKS_LOAD_LOAD_H_
