// SPDX-License-Identifier: Apache-2.0
//
// Where finished spans go.
#ifndef TESSERA_COMMON_TRACING_SPAN_SINK_H_
#define TESSERA_COMMON_TRACING_SPAN_SINK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/tracing/span.h"

namespace tessera {

// Thread-safe.
class SpanSink {
 public:
  // Since the start. What was recorded and neither exported nor failed waits, or was dropped
  // because too much waited.
  struct Counts {
    int64_t recorded = 0;
    int64_t exported = 0;
    int64_t failed = 0;
  };

  virtual ~SpanSink() = default;
  // Copies what it needs, never blocks: drops the span when too many wait.
  virtual void Record(const Span& span) = 0;
  // Sends what waits, for at most `limit`.
  virtual void Flush(absl::Duration limit) = 0;
  virtual Counts counts() const = 0;
};

struct SpanExport {
  std::string endpoint;  // "http://collector:4318": OTLP over HTTP.
  std::string service;   // service.name of every span.
  std::string version;   // service.version.
};

// A sink that exports in batches from a thread of its own. FAILED_PRECONDITION, reason
// TRACING_NOT_BUILT, in a binary that was built without OpenTelemetry.
absl::StatusOr<std::unique_ptr<SpanSink>> MakeOtlpSpanSink(const SpanExport& to);

}  // namespace tessera

#endif  // TESSERA_COMMON_TRACING_SPAN_SINK_H_
