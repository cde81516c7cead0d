// SPDX-License-Identifier: Apache-2.0
#include "common/tracing/tracing.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "common/status/status_macros.h"

namespace tessera {
namespace {

// Read on every call, hence not behind a mutex. The raw pointer is what readers use: a sink is kept
// for the rest of the process, as a call may still be recording when tracing is turned off.
std::atomic<SpanSink*> sink{nullptr};
std::atomic<double> ratio{0};

void Keep(std::shared_ptr<SpanSink> kept) {
  static auto* const all = new std::vector<std::shared_ptr<SpanSink>>;
  all->push_back(std::move(kept));
}

absl::BitGen& Random() {
  thread_local absl::BitGen random;
  return random;
}

uint64_t RandomId() {
  return absl::Uniform<uint64_t>(absl::IntervalClosed, Random(), 1, ~uint64_t{0});
}

}  // namespace

void StartTracing(std::shared_ptr<SpanSink> to, double sample_ratio) {
  ratio = sample_ratio;
  sink = to.get();
  Keep(std::move(to));
}

absl::Status StartExport(const SpanExport& to, double sample_ratio) {
  if (to.endpoint.empty()) return absl::OkStatus();
  TESSERA_ASSIGN_OR_RETURN(std::unique_ptr<SpanSink> exporter, MakeOtlpSpanSink(to));
  StartTracing(std::move(exporter), sample_ratio);
  return absl::OkStatus();
}

void StopTracing(absl::Duration limit) {
  if (SpanSink* const last = sink.exchange(nullptr)) last->Flush(limit);
}

TraceContext EnterTrace(const std::optional<TraceContext>& remote) {
  if (sink.load(std::memory_order_acquire) == nullptr) return remote.value_or(TraceContext{});
  if (remote) return ChildOf(*remote);
  TraceContext context{
      .trace_id_high = RandomId(), .trace_id_low = RandomId(), .span_id = RandomId()};
  context.sampled = absl::Bernoulli(Random(), ratio.load(std::memory_order_relaxed));
  return context;
}

TraceContext ChildOf(const TraceContext& parent) {
  if (!parent.sampled || sink.load(std::memory_order_acquire) == nullptr) return parent;
  TraceContext child = parent;
  child.span_id = RandomId();
  return child;
}

void RecordSpan(const Span& span) {
  if (!span.context.sampled) return;
  if (SpanSink* const to = sink.load(std::memory_order_acquire)) to->Record(span);
}

SpanSink::Counts TracingCounts() {
  SpanSink* const to = sink.load(std::memory_order_acquire);
  return to == nullptr ? SpanSink::Counts{} : to->counts();
}

}  // namespace tessera
