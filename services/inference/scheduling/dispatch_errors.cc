// SPDX-License-Identifier: Apache-2.0
#include "services/inference/scheduling/dispatch_errors.h"

#include <string>

#include "common/status/error.h"

namespace tessera::inference {

using absl::StatusCode;

absl::Status Abandoned(absl::Time deadline, absl::Time now) {
  return now >= deadline ? MakeError(StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                                     "the call's deadline passed before it ended")
                         : MakeError(StatusCode::kCancelled, "CANCELLED", "the caller went away");
}

ModelLane::EndKind FaultOf(const absl::Status& error) {
  switch (error.code()) {
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:
    case StatusCode::kFailedPrecondition:
      return ModelLane::EndKind::kRequestsFault;
    case StatusCode::kCancelled:
      return ModelLane::EndKind::kCancelled;
    case StatusCode::kResourceExhausted:
      // Limits of ours; that the engine is busy is its own.
      return ReasonOf(error) == "ENGINE_BUSY" ? ModelLane::EndKind::kEnginesFault
                                              : ModelLane::EndKind::kCancelled;
    default:
      return ModelLane::EndKind::kEnginesFault;
  }
}

RetryWhere WhereToRetry(const absl::Status& error) {
  const std::string reason = ReasonOf(error);
  if (reason == "ENGINE_UNREACHABLE" || reason == "ENGINE_STREAM_BROKEN" ||
      reason == "ENGINE_RUNNER_FAILED" || reason == "ENGINE_BUSY" || reason == "ENGINE_WEDGED") {
    return RetryWhere::kAnywhere;
  }
  if (reason == "ENGINE_TIMEOUT" || reason == "ENGINE_REPLY_INVALID" || reason == "ENGINE_FAILED") {
    return RetryWhere::kElsewhere;
  }
  return RetryWhere::kNowhere;
}

bool IsUnreachable(const absl::Status& error) {
  const std::string reason = ReasonOf(error);
  return reason == "ENGINE_UNREACHABLE" || reason == "ENGINE_STREAM_BROKEN";
}

bool IsRunnerCrash(const absl::Status& error) { return ReasonOf(error) == "ENGINE_RUNNER_FAILED"; }

}  // namespace tessera::inference
