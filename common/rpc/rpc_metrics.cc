// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/rpc_metrics.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <array>
#include <map>

#include "absl/time/clock.h"
#include "common/metrics/buckets.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"

namespace tessera {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;
using prometheus::BuildCounter;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

constexpr std::array<const char*, 17> kCodeNames{
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

// The series of one method.
struct MethodSeries {
  Counter* started;
  Counter* received;
  Counter* sent;
  Histogram* seconds;
  std::array<Counter*, kCodeNames.size()> handled;
};

const char* TypeName(bool client_streams, bool server_streams) {
  if (client_streams) return server_streams ? "bidi_stream" : "client_stream";
  return server_streams ? "server_stream" : "unary";
}

class Series {
 public:
  Series(prometheus::Registry& registry, const std::vector<std::string>& services)
      : started_(BuildCounter()
                     .Name("grpc_server_started_total")
                     .Help("RPCs started on the server.")
                     .Register(registry)),
        handled_(BuildCounter()
                     .Name("grpc_server_handled_total")
                     .Help("RPCs completed on the server, by code.")
                     .Register(registry)),
        received_(BuildCounter()
                      .Name("grpc_server_msg_received_total")
                      .Help("Messages received by the server.")
                      .Register(registry)),
        sent_(BuildCounter()
                  .Name("grpc_server_msg_sent_total")
                  .Help("Messages sent by the server.")
                  .Register(registry)),
        seconds_(BuildHistogram()
                     .Name("grpc_server_handling_seconds")
                     .Help("Time from the start of an RPC to its status, seconds.")
                     .Register(registry)) {
    const auto* pool = google::protobuf::DescriptorPool::generated_pool();
    for (const std::string& name : services) {
      const auto* service = pool->FindServiceByName(name);
      if (service == nullptr) continue;
      for (int i = 0; i < service->method_count(); ++i) {
        const auto* method = service->method(i);
        methods_[fmt::format("/{}/{}", name, method->name())] = Make(
            TypeName(method->client_streaming(), method->server_streaming()), name, method->name());
      }
    }
    other_ = Make("unary", "other", "other");
  }

  const MethodSeries& Of(const std::string& full_method) const {
    auto found = methods_.find(full_method);
    return found == methods_.end() ? other_ : found->second;
  }

 private:
  MethodSeries Make(const std::string& type, const std::string& service,
                    const std::string& method) {
    const prometheus::Labels labels{
        {"grpc_type", type}, {"grpc_service", service}, {"grpc_method", method}};
    MethodSeries series{&started_.Add(labels),
                        &received_.Add(labels),
                        &sent_.Add(labels),
                        &seconds_.Add(labels, buckets::kRpcDuration),
                        {}};
    for (size_t code = 0; code < kCodeNames.size(); ++code) {
      prometheus::Labels with_code = labels;
      with_code["grpc_code"] = kCodeNames[code];
      series.handled[code] = &handled_.Add(with_code);
    }
    return series;
  }

  Family<Counter>& started_;
  Family<Counter>& handled_;
  Family<Counter>& received_;
  Family<Counter>& sent_;
  Family<Histogram>& seconds_;
  std::map<std::string, MethodSeries> methods_;
  MethodSeries other_;
};

class RpcMetricsInterceptor : public Interceptor {
 public:
  RpcMetricsInterceptor(const MethodSeries& series, bool unary)
      : series_(series), unary_(unary), start_(absl::Now()) {
    series_.started->Increment();
  }

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE) &&
        methods->GetRecvMessage() != nullptr) {
      has_request_ = true;
      series_.received->Increment();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE)) {
      series_.sent->Increment();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      OnStatus(methods);
    }
    methods->Proceed();
  }

 private:
  void OnStatus(InterceptorBatchMethods* methods) {
    grpc::Status status = methods->GetSendStatus();
    // Every method that is declared is implemented, so this combination can only come from the
    // library's own answer to a request that it could not parse.
    if (unary_ && !has_request_ && status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      status = ToGrpcStatus(MakeError(
          absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
          "the request is not a valid message of this method; a string field that is not valid "
          "UTF-8 is the usual cause"));
      methods->ModifySendStatus(status);
    }
    const auto code = static_cast<size_t>(status.error_code());
    series_.handled[code < kCodeNames.size() ? code : 2]->Increment();
    series_.seconds->Observe(absl::ToDoubleSeconds(absl::Now() - start_));
  }

  const MethodSeries& series_;
  const bool unary_;
  const absl::Time start_;
  bool has_request_ = false;
};

class RpcMetricsFactory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  RpcMetricsFactory(prometheus::Registry& registry, const std::vector<std::string>& services)
      : series_(registry, services) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new RpcMetricsInterceptor(series_.Of(info->method()),
                                     info->type() == ServerRpcInfo::Type::UNARY);
  }

 private:
  const Series series_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeRpcMetrics(
    prometheus::Registry& registry, const std::vector<std::string>& services) {
  return std::make_unique<RpcMetricsFactory>(registry, services);
}

}  // namespace tessera
