// SPDX-License-Identifier: Apache-2.0
#include "common/tracing/trace_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tessera {
namespace {

constexpr size_t kLength = 55;

// Lower-case digits only, as the specification demands.
bool ReadHex(std::string_view text, uint64_t& value) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return digits &&
         std::from_chars(text.data(), text.data() + text.size(), value, 16).ec == std::errc();
}

}  // namespace

std::string TraceContext::TraceId() const {
  return valid() ? fmt::format("{:016x}{:016x}", trace_id_high, trace_id_low) : "";
}

std::optional<TraceContext> ParseTraceparent(std::string_view text) {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
  uint64_t version = 0;
  uint64_t flags = 0;
  TraceContext context;
  if (!ReadHex(text.substr(0, 2), version) || !ReadHex(text.substr(3, 16), context.trace_id_high) ||
      !ReadHex(text.substr(19, 16), context.trace_id_low) ||
      !ReadHex(text.substr(36, 16), context.span_id) || !ReadHex(text.substr(53, 2), flags)) {
    return {};
  }
  // Version 255 is forbidden; later versions than 0 may append fields.
  if (version == 255 || (version == 0 && text.size() != kLength)) return {};
  if (version != 0 && text.size() > kLength && text[kLength] != '-') return {};
  context.sampled = (flags & 1) != 0;
  if (!context.valid()) return {};
  return context;
}

std::string FormatTraceparent(const TraceContext& context) {
  return fmt::format("00-{:016x}{:016x}-{:016x}-{:02x}", context.trace_id_high,
                     context.trace_id_low, context.span_id, context.sampled ? 1 : 0);
}

}  // namespace tessera
