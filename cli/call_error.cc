// SPDX-License-Identifier: Apache-2.0
#include "cli/call_error.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/quantities.h"
#include "common/rpc/grpc_status.h"
#include "common/status/error.h"

namespace tessera::cli {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "all backends failing; last error: UNKNOWN: ipv4:...: refused" to "ipv4:...: refused".
std::string_view LastError(std::string_view detail) {
  constexpr std::string_view kMark = "last error: ";
  if (const size_t at = detail.find(kMark); at != std::string_view::npos) {
    detail.remove_prefix(at + kMark.size());
  }
  for (const std::string_view code : {"UNKNOWN: ", "UNAVAILABLE: "}) {
    if (detail.starts_with(code)) detail.remove_prefix(code.size());
  }
  return detail;
}

// gRPC reports all its troubles under a few codes; only the text tells them apart.
absl::Status TransportError(const absl::Status& status, const CallFacts& facts) {
  const std::string detail(status.message());
  const auto error = [&](std::string_view reason, const std::string& message) {
    return MakeError(status.code(), reason, message, {.metadata = {{"address", facts.address}}});
  };
  if (Contains(detail, "http1") || Contains(detail, "HTTP/1") ||
      Contains(detail, "parsing HTTP/2")) {
    return error("NOT_GRPC", fmt::format("what answers at {} does not speak gRPC", facts.address));
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      if (Contains(detail, "failed to connect") || Contains(detail, "DNS") ||
          Contains(detail, "resol") || Contains(detail, "all backends failing")) {
        return error("SERVER_UNREACHABLE",
                     fmt::format("nobody answers at {}: {}", facts.address, LastError(detail)));
      }
      return error("CONNECTION_LOST",
                   fmt::format("the connection to {} was lost: {}", facts.address, detail));
    case absl::StatusCode::kDeadlineExceeded:
      return error("DEADLINE_EXCEEDED",
                   fmt::format("{} had not answered in full after {} (--timeout)", facts.address,
                               DurationText(facts.timeout)));
    case absl::StatusCode::kCancelled:
      return error("CANCELLED", "the call was cancelled");
    case absl::StatusCode::kUnimplemented:
      return error("NOT_SERVED_HERE", fmt::format("{} does not offer this call", facts.address));
    case absl::StatusCode::kResourceExhausted:
      if (Contains(detail, "larger than max")) {
        return error("MESSAGE_TOO_LARGE",
                     fmt::format("the message is larger than the connection to {} takes: {}",
                                 facts.address, detail));
      }
      break;
    default:
      break;
  }
  return error(absl::StatusCodeToString(status.code()),
               detail.empty() ? fmt::format("{} gave no message", facts.address) : detail);
}

}  // namespace

absl::Status ToCallError(const grpc::Status& status, const CallFacts& facts) {
  const absl::Status error = FromGrpcStatus(status);
  if (error.ok() || !ReasonOf(error).empty()) return error;
  return TransportError(error, facts);
}

ExitCode ExitCodeFor(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  const std::string reason = ReasonOf(status);
  if (reason == "SERVER_UNREACHABLE" || reason == "CONNECTION_LOST" || reason == "NOT_GRPC") {
    return kExitUnreachable;
  }
  if (reason.rfind("FILE_", 0) == 0) return kExitFile;
  if (reason == "ARGUMENT_INVALID") return kExitUsage;
  if (reason == "NOT_SERVING") return kExitNotServing;
  if (status.code() == absl::StatusCode::kDeadlineExceeded) return kExitDeadline;
  return kExitFailed;
}

}  // namespace tessera::cli
