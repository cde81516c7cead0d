// SPDX-License-Identifier: Apache-2.0
//
// How an error is made in this project.
//
// Every error is an absl::Status whose code tells the caller what to do next, and which carries
// exactly one google.rpc.ErrorInfo (domain "tessera") as a payload, plus RetryInfo when waiting
// helps and BadRequest when a field is at fault. common/rpc/grpc_status.h puts them on the wire.
#ifndef TESSERA_COMMON_STATUS_ERROR_H_
#define TESSERA_COMMON_STATUS_ERROR_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tessera {

// ErrorInfo.domain of every error made here.
inline constexpr std::string_view kErrorDomain = "tessera";

// A request field and what is wrong with it: {"messages[0].text", "is not valid UTF-8"}.
struct FieldViolation {
  std::string field;
  std::string description;
};

// What an error carries beside its code, reason and message.
struct ErrorContext {
  // ErrorInfo.metadata: every value that the message mentions; keys lowerCamelCase with units.
  std::vector<std::pair<std::string, std::string>> metadata;
  // RetryInfo.retry_delay: set only when the same call may succeed after this long.
  std::optional<absl::Duration> retry_after;
  // BadRequest.field_violations.
  std::vector<FieldViolation> fields;
};

// Makes an error. `reason` is UPPER_SNAKE, at most 63 characters; `message` says what failed, on
// what, and the limit that was hit. `code` must not be kOk. Texts of any origin may be passed:
// bytes that are not UTF-8 are replaced, a message is cut at 1,024 bytes, every other text at 320.
absl::Status MakeError(absl::StatusCode code, std::string_view reason, std::string_view message,
                       ErrorContext context = {});

// INVALID_ARGUMENT, reason FIELD_INVALID, with the field named in message and BadRequest.
absl::Status InvalidField(std::string_view field, std::string_view description);

// The reason of an error made by MakeError (or received from another Tessera service); empty for
// OK and for foreign errors.
std::string ReasonOf(const absl::Status& status);

// The RetryInfo delay of an error, if it has one.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// The ErrorInfo metadata value under `key`; empty when there is none.
std::string MetadataOf(const absl::Status& status, std::string_view key);

// The same error with one more ErrorInfo metadata entry. An error without ErrorInfo, and OK, are
// returned unchanged.
absl::Status WithMetadata(absl::Status status, std::string_view key, std::string_view value);

}  // namespace tessera

#endif  // TESSERA_COMMON_STATUS_ERROR_H_
