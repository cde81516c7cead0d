// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_CANCEL_CHECK_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_CANCEL_CHECK_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace tessera::preprocess {

// Asked between steps and every few rows of pixels whether the work is still wanted. OK means go
// on; anything else ends the work, and the caller gets that status back unchanged. Called from one
// thread at a time, on the thread that prepares the picture. Must be cheap (it is called up to a
// few thousand times for one picture) and must not throw.
using CancelCheck = absl::FunctionRef<absl::Status()>;

// The check of a caller that never gives up.
inline absl::Status NeverCancelled() { return absl::OkStatus(); }

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_CANCEL_CHECK_H_
