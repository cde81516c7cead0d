// SPDX-License-Identifier: Apache-2.0
//
// What the end of a try means: whose fault it was, and whether another try makes sense.
#ifndef TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCH_ERRORS_H_
#define TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCH_ERRORS_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/inference/scheduling/model_lane.h"

namespace tessera::inference {

// DEADLINE_EXCEEDED when `deadline` has passed, else CANCELLED; code and reason have one name.
absl::Status Abandoned(absl::Time deadline, absl::Time now);

// Whose fault an error of the engine was. Never kAnswered or kNeverSent.
ModelLane::EndKind FaultOf(const absl::Status& error);

enum class RetryWhere { kNowhere, kElsewhere, kAnywhere };
// Where the request may be tried again. What may be the request's own doing, or takes long to find
// out, is not tried twice on the same engine.
RetryWhere WhereToRetry(const absl::Status& error);

// The engine itself could not be reached or talked to, whatever the model.
bool IsUnreachable(const absl::Status& error);

// The model's runner died at work, as far as the error tells.
bool IsRunnerCrash(const absl::Status& error);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SCHEDULING_DISPATCH_ERRORS_H_
