// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/call_tracing.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/clock.h"
#include "common/logging/log.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"
#include "common/tracing/tracing.h"

namespace tessera {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr std::string_view kOurs = "/tessera.";

std::optional<TraceContext> Find(
    const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  const auto found = metadata.find(kTraceparent);
  if (found == metadata.end()) return std::nullopt;
  return ParseTraceparent({found->second.data(), found->second.size()});
}

class CallTracing : public Interceptor {
 public:
  // `method` is gRPC's own text, for as long as the server lives.
  explicit CallTracing(std::string_view method) : method_(method), start_(absl::Now()) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      Enter(methods->GetRecvInitialMetadata());
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      End(methods);
    }
    methods->Proceed();
  }

 private:
  void Enter(std::multimap<grpc::string_ref, grpc::string_ref>* metadata) {
    if (metadata == nullptr) return;
    const std::optional<TraceContext> remote = Find(*metadata);
    context_ = EnterTrace(remote);
    if (!context_.valid() || context_ == remote) return;
    if (remote) parent_ = remote->span_id;
    header_ = FormatTraceparent(context_);
    metadata->erase(kTraceparent);
    metadata->emplace(kTraceparent, header_);
  }

  void End(InterceptorBatchMethods* methods) {
    const grpc::Status status = methods->GetSendStatus();
    const absl::Time end = absl::Now();
    std::string reason;
    if (!status.ok()) {
      absl::Status error = FromGrpcStatus(status);
      reason = ReasonOf(error);
      Log(error, reason, end - start_);
      if (context_.valid()) {
        error = WithMetadata(std::move(error), "traceId", context_.TraceId());
        methods->ModifySendStatus(ToGrpcStatus(error));
      }
    }
    if (!context_.sampled) return;
    const std::array<SpanAttribute, 3> attributes{
        SpanAttribute("rpc.system", "grpc"), SpanAttribute("rpc.method", method_),
        SpanAttribute("rpc.grpc.status_code", static_cast<int>(status.error_code()))};
    RecordSpan({.context = context_,
                .parent_span_id = parent_,
                .kind = SpanKind::kServer,
                .name = method_,
                .start = start_,
                .end = end,
                .attributes = attributes,
                .error = reason});
  }

  // At info: it is the caller who has to act.
  void Log(const absl::Status& error, const std::string& reason, absl::Duration duration) const {
    LogInfo("call failed", {{"method", method_.substr(method_.rfind('/') + 1)},
                            {"request_id", MetadataOf(error, "requestId")},
                            {"trace_id", context_.TraceId()},
                            {"code", absl::StatusCodeToString(error.code())},
                            {"reason", reason},
                            {"seconds", absl::ToDoubleSeconds(duration)},
                            {"error", std::string(error.message())}});
  }

  const std::string_view method_;
  const absl::Time start_;
  TraceContext context_;
  uint64_t parent_ = 0;
  std::string header_;  // The metadata points into it.
};

// Passes everything on.
class NoTracing : public Interceptor {
 public:
  void Intercept(InterceptorBatchMethods* methods) override { methods->Proceed(); }
};

class Factory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(std::atomic<int64_t>& started) : started_(started) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    const std::string_view method = info->method();
    if (method.rfind(kOurs, 0) != 0) return new NoTracing;
    started_.fetch_add(1, std::memory_order_relaxed);
    return new CallTracing(method.substr(1));
  }

 private:
  std::atomic<int64_t>& started_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallTracing(
    std::atomic<int64_t>& started) {
  return std::make_unique<Factory>(started);
}

TraceContext TraceOf(const grpc::ServerContextBase& rpc) {
  return Find(rpc.client_metadata()).value_or(TraceContext{});
}

void ContinueTrace(const grpc::ServerContextBase& rpc, grpc::ClientContext& next) {
  const TraceContext context = TraceOf(rpc);
  if (context.valid()) next.AddMetadata(kTraceparent, FormatTraceparent(context));
}

}  // namespace tessera
