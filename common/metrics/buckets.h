// SPDX-License-Identifier: Apache-2.0
//
// Histogram bounds. Every threshold that an alert or an objective names is a bound, because
// Prometheus can only count at bounds.
#ifndef TESSERA_COMMON_METRICS_BUCKETS_H_
#define TESSERA_COMMON_METRICS_BUCKETS_H_

#include <prometheus/histogram.h>

namespace tessera::buckets {

// Time to first token, seconds: the OpenTelemetry GenAI bounds, extended for cold loads.
inline const prometheus::Histogram::BucketBoundaries kTimeToFirstToken{
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5,
    0.75,  1,     2.5,  5,    7.5,  10,   20,   40,  80,   160};
// Time per output token, seconds: the OpenTelemetry GenAI bounds, finer below 10 ms.
inline const prometheus::Histogram::BucketBoundaries kTimePerOutputToken{
    0.001, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.025, 0.05, 0.075,
    0.1,   0.15,   0.2,   0.3,  0.4,   0.5,  0.75,  1,    2.5};
// Duration of a generation, seconds: the OpenTelemetry GenAI bounds, extended.
inline const prometheus::Histogram::BucketBoundaries kGenerationDuration{
    0.01, 0.02, 0.04,  0.08,  0.16,  0.32,  0.64,   1.28,
    2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68};
// Duration of one RPC, seconds.
inline const prometheus::Histogram::BucketBoundaries kRpcDuration{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};
// One stage of picture preparation, seconds.
inline const prometheus::Histogram::BucketBoundaries kStageDuration{
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5};
// What a request costs beside waiting, seconds.
inline const prometheus::Histogram::BucketBoundaries kSelfTime{
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25};
// Tokens of a request.
inline const prometheus::Histogram::BucketBoundaries kTokens{
    1, 4, 16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 65536};

}  // namespace tessera::buckets

#endif  // TESSERA_COMMON_METRICS_BUCKETS_H_
