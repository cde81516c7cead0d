// SPDX-License-Identifier: Apache-2.0
//
// A SpanSink that keeps what it is given.
#ifndef TESSERA_TESTS_SUPPORT_RECORDING_SPAN_SINK_H_
#define TESSERA_TESTS_SUPPORT_RECORDING_SPAN_SINK_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/concurrency/mutex.h"
#include "common/tracing/span_sink.h"

namespace tessera::testing {

// A span with texts of its own.
struct RecordedSpan {
  TraceContext context;
  uint64_t parent_span_id = 0;
  SpanKind kind = SpanKind::kInternal;
  std::string name;
  absl::Duration duration;
  std::map<std::string, std::string> texts;  // Attributes that are texts.
  std::map<std::string, double> numbers;     // Those that are not.
  std::string error;
};

// Thread-safe.
class RecordingSpanSink : public SpanSink {
 public:
  void Record(const Span& span) override {
    RecordedSpan recorded{.context = span.context,
                          .parent_span_id = span.parent_span_id,
                          .kind = span.kind,
                          .name = std::string(span.name),
                          .duration = span.end - span.start,
                          .error = std::string(span.error)};
    for (const SpanAttribute& attribute : span.attributes) {
      const std::string key(attribute.key);
      if (const auto* text = std::get_if<std::string_view>(&attribute.value)) {
        recorded.texts[key] = std::string(*text);
      } else if (const auto* whole = std::get_if<int64_t>(&attribute.value)) {
        recorded.numbers[key] = static_cast<double>(*whole);
      } else {
        recorded.numbers[key] = std::get<double>(attribute.value);
      }
    }
    MutexLock lock(&mutex_);
    spans_.push_back(std::move(recorded));
  }
  void Flush(absl::Duration) override {}
  Counts counts() const override {
    MutexLock lock(&mutex_);
    return {.recorded = static_cast<int64_t>(spans_.size())};
  }
  std::vector<RecordedSpan> spans() const {
    MutexLock lock(&mutex_);
    return spans_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<RecordedSpan> spans_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_RECORDING_SPAN_SINK_H_
