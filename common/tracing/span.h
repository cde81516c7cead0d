// SPDX-License-Identifier: Apache-2.0
//
// A finished piece of work in a trace. Spans are described once, when they are over: nothing that
// is alive crosses threads, and what is not sampled costs nothing.
#ifndef TESSERA_COMMON_TRACING_SPAN_H_
#define TESSERA_COMMON_TRACING_SPAN_H_

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "absl/time/time.h"
#include "common/tracing/trace_context.h"

namespace tessera {

enum class SpanKind { kInternal, kServer, kClient };

// Keys follow OpenTelemetry's conventions where it has one. Views are read during RecordSpan only.
struct SpanAttribute {
  SpanAttribute(std::string_view k, std::string_view v) : key(k), value(v) {}
  SpanAttribute(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  SpanAttribute(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  SpanAttribute(std::string_view k, double v) : key(k), value(v) {}
  template <std::integral T>
  SpanAttribute(std::string_view k, T v) : key(k), value(static_cast<int64_t>(v)) {}

  std::string_view key;
  std::variant<std::string_view, int64_t, double> value;
};

struct Span {
  TraceContext context;         // Of this span, not of its parent.
  uint64_t parent_span_id = 0;  // 0: the first of its trace.
  SpanKind kind = SpanKind::kInternal;
  std::string_view name;
  absl::Time start;
  absl::Time end;
  std::span<const SpanAttribute> attributes;
  std::string_view error;  // What went wrong, as an ErrorInfo reason; empty: nothing.
};

}  // namespace tessera

#endif  // TESSERA_COMMON_TRACING_SPAN_H_
