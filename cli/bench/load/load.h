// SPDX-License-Identifier: Apache-2.0
//
// Load in its two forms, and what was measured.
#ifndef TESSERA_CLI_BENCH_LOAD_LOAD_H_
#define TESSERA_CLI_BENCH_LOAD_LOAD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/bench/load/target.h"

namespace tessera::bench {

// Milliseconds, and what failed.
struct Latencies {
  std::vector<double> ms;         // Ascending.
  std::vector<double> failed_ms;  // Until a failure was heard; ascending.
  int64_t failed = 0;             // With those that were never sent.
  double seconds = 0;             // That the load lasted; of an open loop at least its schedule.

  double At(double quantile) const;
  double PerSecond() const { return static_cast<double>(ms.size()) / seconds; }
};

// Says that the load is to end before its time; what is in flight is cancelled then.
using Stopped = std::function<bool()>;

// Each of `clients` sends its next request when the last one is answered.
Latencies ClosedLoop(Target& target, int clients, double seconds, const Stopped& stopped = {});

// Requests leave on schedule, whatever becomes of earlier ones; latency counts from the schedule.
// Ends early, with the rest failed, when 2,000 are open at once: the target cannot keep up.
Latencies OpenLoop(Target& target, double per_second, double seconds, const Stopped& stopped = {});

// `streams` at once; the delay of each piece from the stamp in it ("@<monotonic ns>@") to its
// arrival here.
Latencies PieceDelays(Target& target, int streams);

double Median(std::vector<double> values);

// "1.2 [1.1, 1.4]": median, lowest, highest.
std::string WithSpread(const std::vector<double>& values, int decimals = 3);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_LOAD_LOAD_H_
