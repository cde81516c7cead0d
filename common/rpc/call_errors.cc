// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/call_errors.h"

#include <fmt/format.h>

#include <string>

#include "absl/time/clock.h"
#include "common/status/error.h"

namespace tessera {
namespace {
constexpr std::string_view kRequestId = "requestId";
}

absl::Status MalformedStreamError(std::string_view message) {
  return MakeError(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED", message);
}

absl::Status ReplyTooLargeError(size_t limit_bytes) {
  return MakeError(absl::StatusCode::kResourceExhausted, "REPLY_TOO_LARGE",
                   fmt::format("the answer is longer than {} bytes; use StreamGenerate, or set "
                               "max_output_tokens",
                               limit_bytes),
                   {.metadata = {{"limitBytes", std::to_string(limit_bytes)}}});
}

absl::Status AbandonedError(absl::Time deadline) {
  if (absl::Now() >= deadline) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                     "the call's deadline passed before it was done");
  }
  return MakeError(absl::StatusCode::kCancelled, "CANCELLED", "the call was cancelled");
}

absl::Status FailedCall(absl::Status error, std::string_view request_id) {
  if (!MetadataOf(error, kRequestId).empty()) return error;
  return WithMetadata(std::move(error), kRequestId, request_id);
}

}  // namespace tessera
