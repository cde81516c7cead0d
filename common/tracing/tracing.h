// SPDX-License-Identifier: Apache-2.0
//
// The traces of this process. Off until StartTracing: then callers' contexts are only passed on.
//
//   const TraceContext call = EnterTrace(ParseTraceparent(header));
//   ... RecordSpan({.context = ChildOf(call), .parent_span_id = call.span_id, ...});
//
// All functions are thread-safe.
#ifndef TESSERA_COMMON_TRACING_TRACING_H_
#define TESSERA_COMMON_TRACING_TRACING_H_

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/tracing/span.h"
#include "common/tracing/span_sink.h"
#include "common/tracing/trace_context.h"

namespace tessera {

// From now on spans go to `sink`. Of the traces that begin here, a share of `sample_ratio` (0 to 1)
// is recorded; whether one that began elsewhere is recorded was decided there. Call at most once at
// a time, before calls are served.
void StartTracing(std::shared_ptr<SpanSink> sink, double sample_ratio);

// The same with an exporter to `to`. Does nothing when its endpoint is empty. FAILED_PRECONDITION,
// reason TRACING_NOT_BUILT, in a binary that was built without OpenTelemetry.
absl::Status StartExport(const SpanExport& to, double sample_ratio);

// Sends what waits, for at most `limit`, and turns tracing off.
void StopTracing(absl::Duration limit);

// The context of work that was asked for with `remote`: a new span of the caller's trace, or of a
// new trace. When tracing is off: `remote` itself, or a context that is not valid.
TraceContext EnterTrace(const std::optional<TraceContext>& remote);

// A new span of the same trace; `parent` itself when it is not recorded.
TraceContext ChildOf(const TraceContext& parent);

// Hands a finished span over; does nothing when its trace is not recorded.
void RecordSpan(const Span& span);

// All zero when tracing is off.
SpanSink::Counts TracingCounts();

}  // namespace tessera

#endif  // TESSERA_COMMON_TRACING_TRACING_H_
