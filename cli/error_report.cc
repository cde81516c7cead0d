// SPDX-License-Identifier: Apache-2.0
#include "cli/error_report.h"

#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>

#include <map>

#include "absl/strings/cord.h"
#include "cli/call_error.h"
#include "cli/error_advice.h"
#include "cli/quantities.h"
#include "cli/terminal/safe_text.h"
#include "common/status/error.h"

namespace tessera::cli {
namespace {

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload =
      status.GetPayload("type.googleapis.com/" + std::string(Detail::descriptor()->full_name()));
  if (!payload || !detail.ParseFromString(std::string(*payload))) detail.Clear();
  return detail;
}

// Sorted, so that the same error always reads the same.
std::map<std::string, std::string> MetadataOf(const absl::Status& status) {
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  return {info.metadata().begin(), info.metadata().end()};
}

}  // namespace

std::string ErrorBlock(const absl::Status& error, const FailedAction& action, const Pen& pen,
                       bool with_metadata) {
  std::string block = fmt::format("{} {} failed\n", pen(Ink::kRed, "error:"),
                                  pen(Ink::kBold, SafeWord(action.what)));
  const auto line = [&](std::string_view name, std::string_view text) {
    block += fmt::format("  {} {}\n", pen(Ink::kDim, fmt::format("{:<8}", name)), text);
  };
  const std::string reason = ReasonOf(error);
  line("code", absl::StatusCodeToString(error.code()));
  if (!reason.empty()) line("reason", SafeWord(reason));
  const std::string message(error.message());
  line("message", SafeWord(message));
  const auto bad_request = DetailOf<google::rpc::BadRequest>(error);
  for (const auto& field : bad_request.field_violations()) {
    // A message that is about one field names it already.
    if (message.find(field.field()) != std::string::npos) continue;
    line("field", SafeWord(fmt::format("{}: {}", field.field(), field.description())));
  }
  line("advice", AdviceFor(reason, error.code()));
  if (const auto retry_after = RetryAfterOf(error)) {
    line("retry", fmt::format("in {}", DurationText(*retry_after)));
  }
  if (!action.request_id.empty()) line("request", SafeWord(action.request_id));
  if (with_metadata) {
    for (const auto& [key, value] : MetadataOf(error)) {
      line("detail", SafeWord(fmt::format("{} = {}", key, value)));
    }
  }
  return block;
}

nlohmann::ordered_json ErrorDocument(const absl::Status& error, const FailedAction& action) {
  const std::string reason = ReasonOf(error);
  nlohmann::ordered_json body = {{"what", action.what},
                                 {"code", absl::StatusCodeToString(error.code())},
                                 {"reason", reason},
                                 {"message", std::string(error.message())},
                                 {"advice", AdviceFor(reason, error.code())},
                                 {"exitCode", static_cast<int>(ExitCodeFor(error))}};
  if (!action.request_id.empty()) body["requestId"] = action.request_id;
  if (const auto retry_after = RetryAfterOf(error)) {
    body["retryAfterSeconds"] = absl::ToDoubleSeconds(*retry_after);
  }
  const auto bad_request = DetailOf<google::rpc::BadRequest>(error);
  for (const auto& field : bad_request.field_violations()) {
    body["fieldViolations"].push_back(
        {{"field", field.field()}, {"description", field.description()}});
  }
  for (const auto& [key, value] : MetadataOf(error)) body["metadata"][key] = value;
  return {{"error", body}};
}

}  // namespace tessera::cli
