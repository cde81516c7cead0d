// SPDX-License-Identifier: Apache-2.0
//
// What a test says about a status: EXPECT_THAT(result, IsOk()),
// EXPECT_THAT(result, IsError(absl::StatusCode::kNotFound, "MODEL_NOT_FOUND")).
#ifndef TESSERA_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define TESSERA_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status/error.h"

namespace tessera::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Of an absl::Status or absl::StatusOr.
MATCHER(IsOk, "is OK") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << "which is " << status;
  return status.ok();
}

// The same, with this code and this ErrorInfo reason.
MATCHER_P2(IsError, code, reason,
           "has code " + absl::StatusCodeToString(code) + " and reason " + std::string(reason)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << "which is " << status << " with reason '" << ReasonOf(status) << "'";
  return status.code() == code && ReasonOf(status) == reason;
}

// FIELD_INVALID about this field.
MATCHER_P(IsInvalidField, field, "is FIELD_INVALID about " + std::string(field)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << "which is " << status;
  return absl::IsInvalidArgument(status) && ReasonOf(status) == "FIELD_INVALID" &&
         MetadataOf(status, "field") == std::string(field);
}

}  // namespace tessera::testing

#endif  // TESSERA_TESTS_SUPPORT_STATUS_MATCHERS_H_
