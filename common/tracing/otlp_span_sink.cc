// SPDX-License-Identifier: Apache-2.0
//
// The only file that knows OpenTelemetry. Its headers cost half a minute of compilation.
#include <fmt/format.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_factory.h>
#include <opentelemetry/exporters/otlp/otlp_http_exporter_options.h>
#include <opentelemetry/sdk/common/global_log_handler.h>
#include <opentelemetry/sdk/instrumentationscope/instrumentation_scope.h>
#include <opentelemetry/sdk/resource/resource.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/processor.h>
#include <opentelemetry/sdk/trace/recordable.h>
#include <opentelemetry/trace/span_context.h>

#include <atomic>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "common/tracing/span_sink.h"

namespace tessera {
namespace {

namespace otlp = opentelemetry::exporter::otlp;
namespace sdk = opentelemetry::sdk;
namespace api = opentelemetry::trace;

// About ten seconds of a busy process; a span takes some 2 KB while it waits.
constexpr size_t kMaxWaiting = 8192;
constexpr size_t kBatch = 512;
constexpr auto kDelay = std::chrono::milliseconds(1000);
constexpr auto kTimeout = std::chrono::seconds(2);
constexpr absl::Duration kBetweenComplaints = absl::Minutes(1);

// The library writes lines of its own to the process's output otherwise, one per failed batch.
class Complaints : public sdk::common::internal_log::LogHandler {
 public:
  void Handle(sdk::common::internal_log::LogLevel, const char*, int, const char* message,
              const sdk::common::AttributeMap&) noexcept override {
    const int64_t now = absl::ToUnixSeconds(absl::Now());
    int64_t next = next_.load();
    if (now < next ||
        !next_.compare_exchange_strong(next, now + absl::ToInt64Seconds(kBetweenComplaints))) {
      return;
    }
    LogWarning("spans not exported", {{"error", message == nullptr ? "" : message}});
  }

 private:
  std::atomic<int64_t> next_{0};
};

struct SharedCounts {
  std::atomic<int64_t> recorded{0};
  std::atomic<int64_t> exported{0};
  std::atomic<int64_t> failed{0};
};

class CountingExporter : public sdk::trace::SpanExporter {
 public:
  CountingExporter(std::unique_ptr<sdk::trace::SpanExporter> inner,
                   std::shared_ptr<SharedCounts> counts)
      : inner_(std::move(inner)), counts_(std::move(counts)) {}

  std::unique_ptr<sdk::trace::Recordable> MakeRecordable() noexcept override {
    return inner_->MakeRecordable();
  }
  sdk::common::ExportResult Export(
      const opentelemetry::nostd::span<std::unique_ptr<sdk::trace::Recordable>>& spans) noexcept
      override {
    const auto result = inner_->Export(spans);
    const bool ok = result == sdk::common::ExportResult::kSuccess;
    (ok ? counts_->exported : counts_->failed) += static_cast<int64_t>(spans.size());
    return result;
  }
  bool ForceFlush(std::chrono::microseconds timeout) noexcept override {
    return inner_->ForceFlush(timeout);
  }
  bool Shutdown(std::chrono::microseconds timeout) noexcept override {
    return inner_->Shutdown(timeout);
  }

 private:
  const std::unique_ptr<sdk::trace::SpanExporter> inner_;
  const std::shared_ptr<SharedCounts> counts_;
};

void ToBytes(uint64_t id, uint8_t* bytes) {
  for (int i = 7; i >= 0; --i, id >>= 8) bytes[i] = static_cast<uint8_t>(id);
}

api::SpanId ToSpanId(uint64_t id) {
  uint8_t bytes[8];
  ToBytes(id, bytes);
  return api::SpanId(bytes);
}

api::SpanContext ToSpanContext(const TraceContext& context) {
  uint8_t bytes[16];
  ToBytes(context.trace_id_high, bytes);
  ToBytes(context.trace_id_low, bytes + 8);
  return api::SpanContext(api::TraceId(bytes), ToSpanId(context.span_id),
                          api::TraceFlags(api::TraceFlags::kIsSampled), /*is_remote=*/false);
}

api::SpanKind ToKind(SpanKind kind) {
  switch (kind) {
    case SpanKind::kServer:
      return api::SpanKind::kServer;
    case SpanKind::kClient:
      return api::SpanKind::kClient;
    case SpanKind::kInternal:
      break;
  }
  return api::SpanKind::kInternal;
}

opentelemetry::nostd::string_view View(std::string_view text) { return {text.data(), text.size()}; }

class OtlpSpanSink : public SpanSink {
 public:
  explicit OtlpSpanSink(const SpanExport& to)
      : resource_(sdk::resource::Resource::Create(
            {{"service.name", to.service}, {"service.version", to.version}})),
        scope_(sdk::instrumentationscope::InstrumentationScope::Create("tessera", to.version)) {
    otlp::OtlpHttpExporterOptions options;
    options.url = to.endpoint + "/v1/traces";
    options.content_type = otlp::HttpRequestContentType::kBinary;
    options.timeout = kTimeout;
    sdk::trace::BatchSpanProcessorOptions batches;
    batches.max_queue_size = kMaxWaiting;
    batches.max_export_batch_size = kBatch;
    batches.schedule_delay_millis = kDelay;
    processor_ = sdk::trace::BatchSpanProcessorFactory::Create(
        std::make_unique<CountingExporter>(otlp::OtlpHttpExporterFactory::Create(options), counts_),
        batches);
  }

  void Record(const Span& span) override {
    std::unique_ptr<sdk::trace::Recordable> record = processor_->MakeRecordable();
    record->SetIdentity(ToSpanContext(span.context),
                        span.parent_span_id == 0 ? api::SpanId() : ToSpanId(span.parent_span_id));
    record->SetResource(resource_);
    record->SetInstrumentationScope(*scope_);
    record->SetName(View(span.name));
    record->SetSpanKind(ToKind(span.kind));
    record->SetStartTime(opentelemetry::common::SystemTimestamp(absl::ToChronoTime(span.start)));
    record->SetDuration(absl::ToChronoNanoseconds(span.end - span.start));
    for (const SpanAttribute& attribute : span.attributes) {
      std::visit([&](auto value) { Set(*record, attribute.key, value); }, attribute.value);
    }
    if (!span.error.empty()) {
      Set(*record, "error.type", span.error);
      record->SetStatus(api::StatusCode::kError, View(span.error));
    }
    ++counts_->recorded;
    processor_->OnEnd(std::move(record));
  }

  void Flush(absl::Duration limit) override {
    processor_->ForceFlush(absl::ToChronoMicroseconds(limit));
  }

  Counts counts() const override {
    return {
        .recorded = counts_->recorded, .exported = counts_->exported, .failed = counts_->failed};
  }

 private:
  static void Set(sdk::trace::Recordable& record, std::string_view key, std::string_view value) {
    record.SetAttribute(View(key), View(value));
  }
  template <typename Number>
  static void Set(sdk::trace::Recordable& record, std::string_view key, Number value) {
    record.SetAttribute(View(key), value);
  }

  const sdk::resource::Resource resource_;
  const std::unique_ptr<sdk::instrumentationscope::InstrumentationScope> scope_;
  const std::shared_ptr<SharedCounts> counts_ = std::make_shared<SharedCounts>();
  std::unique_ptr<sdk::trace::SpanProcessor> processor_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SpanSink>> MakeOtlpSpanSink(const SpanExport& to) {
  using sdk::common::internal_log::GlobalLogHandler;
  GlobalLogHandler::SetLogHandler(
      opentelemetry::nostd::shared_ptr<sdk::common::internal_log::LogHandler>(new Complaints));
  return std::make_unique<OtlpSpanSink>(to);
}

}  // namespace tessera
