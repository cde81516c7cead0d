// SPDX-License-Identifier: Apache-2.0
//
// In place of otlp_span_sink.cc where OpenTelemetry is not installed.
#include "common/status/error.h"
#include "common/tracing/span_sink.h"

namespace tessera {

absl::StatusOr<std::unique_ptr<SpanSink>> MakeOtlpSpanSink(const SpanExport&) {
  return MakeError(absl::StatusCode::kFailedPrecondition, "TRACING_NOT_BUILT",
                   "this binary was built without OpenTelemetry and cannot export spans; leave "
                   "--otlp-endpoint empty, or build where opentelemetry-cpp-dev is installed");
}

}  // namespace tessera
