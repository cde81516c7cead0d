// SPDX-License-Identifier: Apache-2.0
//
// Where in which trace a piece of work stands, and the W3C header that carries this between
// processes: "traceparent: 00-<32 hex trace id>-<16 hex span id>-<flags>".
#ifndef TESSERA_COMMON_TRACING_TRACE_CONTEXT_H_
#define TESSERA_COMMON_TRACING_TRACE_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tessera {

// A value; all zero means: in no trace.
struct TraceContext {
  uint64_t trace_id_high = 0;
  uint64_t trace_id_low = 0;
  uint64_t span_id = 0;
  bool sampled = false;  // The spans of this trace are exported.

  bool valid() const { return (trace_id_high != 0 || trace_id_low != 0) && span_id != 0; }
  // 32 hexadecimal digits; empty when not valid.
  std::string TraceId() const;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

// Name of the header, and of the gRPC metadata key.
inline constexpr char kTraceparent[] = "traceparent";

// Nothing when the text is not a header of a version that is understood.
std::optional<TraceContext> ParseTraceparent(std::string_view text);

// The header's value. `context` must be valid.
std::string FormatTraceparent(const TraceContext& context);

}  // namespace tessera

#endif  // TESSERA_COMMON_TRACING_TRACE_CONTEXT_H_
