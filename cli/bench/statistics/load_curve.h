// SPDX-License-Identifier: Apache-2.0
//
// What a sweep over load says.
#ifndef TESSERA_CLI_BENCH_STATISTICS_LOAD_CURVE_H_
#define TESSERA_CLI_BENCH_STATISTICS_LOAD_CURVE_H_

#include <cstddef>
#include <vector>

namespace tessera::bench {

// One load of a sweep, in ascending order of load.
struct LoadPoint {
  double load = 0;        // Clients, or requests offered per second.
  double per_second = 0;  // Answers.
  double latency_s = 0;   // Median.
};

// Position of the knee: the point with the most answers per second per second of latency
// (throughput / latency, Kleinrock's power). Beyond it more load buys waiting. 0 for no points.
size_t Knee(const std::vector<LoadPoint>& points);

// Answers per second that came within `limit_s`, failed ones not counted, over `seconds`.
double Goodput(const std::vector<double>& latencies_s, double limit_s, double seconds);

}  // namespace tessera::bench

#endif  // TESSERA_CLI_BENCH_STATISTICS_LOAD_CURVE_H_
