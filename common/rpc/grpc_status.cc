// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/grpc_status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <string>

#include "absl/strings/cord.h"
#include "common/status/error.h"
#include "common/status/error_text.h"

namespace tessera {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr size_t kMaxMessageBytes = 2048;
constexpr size_t kShortMessageBytes = 256;
// All metadata together may have 8 KiB; what has more arrives as an opaque transport error. The
// rest is for gRPC's own entries.
constexpr size_t kMaxWireBytes = 7000;

bool IsDetail(const std::string& type_url) { return type_url.rfind(kTypePrefix, 0) == 0; }

// What of an error goes onto the wire.
enum class Detail { kAll, kInfoAndRetry, kReasonAndRetry };

google::rpc::ErrorInfo InfoOf(const absl::Status& status, Detail detail) {
  google::rpc::ErrorInfo info;
  const auto payload = status.GetPayload(kErrorInfoUrl);
  if (!payload || !info.ParseFromString(std::string(*payload)) || info.reason().empty()) {
    info.Clear();
    info.set_reason(absl::StatusCodeToString(status.code()));
    info.set_domain(std::string(kErrorDomain));
  }
  if (detail == Detail::kReasonAndRetry) info.clear_metadata();
  return info;
}

grpc::Status Render(const absl::Status& status, size_t max_message_bytes, Detail detail) {
  const std::string message = ErrorText(
      std::string_view(status.message().data(), status.message().size()), max_message_bytes);
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(status.code()));
  rich.set_message(message);
  rich.add_details()->PackFrom(InfoOf(status, detail));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    const std::string url(type_url);
    if (!IsDetail(url) || url == kErrorInfoUrl) return;
    if (detail != Detail::kAll && url != kRetryInfoUrl) return;
    auto* entry = rich.add_details();
    entry->set_type_url(url);
    entry->set_value(std::string(payload));
  });
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message,
                      rich.SerializeAsString());
}

// The message is percent-encoded, the details are base64.
size_t WireBytes(const grpc::Status& status) {
  size_t message = 0;
  for (const char c : status.error_message()) message += c >= ' ' && c <= '~' && c != '%' ? 1 : 3;
  return message + (status.error_details().size() + 2) / 3 * 4;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  grpc::Status result = Render(status, kMaxMessageBytes, Detail::kAll);
  if (WireBytes(result) <= kMaxWireBytes) return result;
  result = Render(status, kShortMessageBytes, Detail::kInfoAndRetry);
  if (WireBytes(result) <= kMaxWireBytes) return result;
  return Render(status, kShortMessageBytes, Detail::kReasonAndRetry);
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status rich;
  if (!rich.ParseFromString(status.error_details())) return result;
  for (const auto& detail : rich.details()) {
    if (IsDetail(detail.type_url()))
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace tessera
