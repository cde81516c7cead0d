// SPDX-License-Identifier: Apache-2.0
//
// Errors that calls of more than one service end with, and how a call that ends with one says so.
#ifndef TESSERA_COMMON_RPC_CALL_ERRORS_H_
#define TESSERA_COMMON_RPC_CALL_ERRORS_H_

#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tessera {

// INVALID_ARGUMENT, reason REQUEST_MALFORMED: the messages of a stream do not make a request.
absl::Status MalformedStreamError(std::string_view message);

// RESOURCE_EXHAUSTED, reason REPLY_TOO_LARGE: the answer of a unary call outgrew `limit_bytes`.
absl::Status ReplyTooLargeError(size_t limit_bytes);

// Why nobody waits for a call any more: DEADLINE_EXCEEDED when `deadline` has passed, else
// CANCELLED. Code and reason have the same name.
absl::Status AbandonedError(absl::Time deadline);

// `error` as the caller shall get it: with the id under "requestId", unless it came with one from
// the next service. The log line of the failed call is written where its status goes out
// (call_tracing.h).
absl::Status FailedCall(absl::Status error, std::string_view request_id);
// The same; the RPC's name is no longer needed.
inline absl::Status FailedCall(absl::Status error, std::string_view, std::string_view request_id) {
  return FailedCall(std::move(error), request_id);
}

}  // namespace tessera

#endif  // TESSERA_COMMON_RPC_CALL_ERRORS_H_
