// SPDX-License-Identifier: Apache-2.0
#include "common/status/error.h"

#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>

#include "absl/strings/cord.h"
#include "common/status/error_text.h"

namespace tessera {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kRetryInfoUrl[] = "type.googleapis.com/google.rpc.RetryInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxValueBytes = 320;

void Attach(absl::Status& status, const char* url, const google::protobuf::Message& detail) {
  status.SetPayload(url, absl::Cord(detail.SerializeAsString()));
}

template <typename Detail>
std::optional<Detail> Find(const absl::Status& status, const char* url) {
  const auto payload = status.GetPayload(url);
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message,
                       ErrorContext context) {
  absl::Status status(code, ErrorText(message, kMaxMessageBytes));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain(std::string(kErrorDomain));
  for (const auto& [key, value] : context.metadata) {
    (*info.mutable_metadata())[key] = ErrorText(value, kMaxValueBytes);
  }
  Attach(status, kErrorInfoUrl, info);
  if (context.retry_after) {
    google::rpc::RetryInfo retry;
    const int64_t nanoseconds = absl::ToInt64Nanoseconds(*context.retry_after);
    retry.mutable_retry_delay()->set_seconds(nanoseconds / 1'000'000'000);
    retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanoseconds % 1'000'000'000));
    Attach(status, kRetryInfoUrl, retry);
  }
  if (!context.fields.empty()) {
    google::rpc::BadRequest bad_request;
    for (const FieldViolation& violation : context.fields) {
      auto* entry = bad_request.add_field_violations();
      entry->set_field(ErrorText(violation.field, kMaxValueBytes));
      entry->set_description(ErrorText(violation.description, kMaxValueBytes));
    }
    Attach(status, kBadRequestUrl, bad_request);
  }
  return status;
}

absl::Status InvalidField(std::string_view field, std::string_view description) {
  return MakeError(absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
                   fmt::format("{} {}", field, description),
                   {.metadata = {{"field", std::string(field)}},
                    .fields = {{std::string(field), std::string(description)}}});
}

std::string ReasonOf(const absl::Status& status) {
  auto info = Find<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  return info ? info->reason() : "";
}

std::optional<absl::Duration> RetryAfterOf(const absl::Status& status) {
  auto retry = Find<google::rpc::RetryInfo>(status, kRetryInfoUrl);
  if (!retry) return std::nullopt;
  return absl::Seconds(retry->retry_delay().seconds()) +
         absl::Nanoseconds(retry->retry_delay().nanos());
}

std::string MetadataOf(const absl::Status& status, std::string_view key) {
  auto info = Find<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  if (!info) return "";
  auto found = info->metadata().find(std::string(key));
  return found == info->metadata().end() ? "" : found->second;
}

absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value) {
  auto info = Find<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  if (!info) return status;
  (*info->mutable_metadata())[std::string(key)] = ErrorText(value, kMaxValueBytes);
  Attach(status, kErrorInfoUrl, *info);
  return status;
}

}  // namespace tessera
