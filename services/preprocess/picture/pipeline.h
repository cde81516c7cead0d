// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_PREPROCESS_PICTURE_PIPELINE_H_
#define TESSERA_SERVICES_PREPROCESS_PICTURE_PIPELINE_H_

#include "absl/status/status.h"
#include "services/preprocess/picture/steps/work.h"

namespace tessera::preprocess {

// Runs the steps that decode nothing: sniff, header, limits.
absl::Status RunHeaderSteps(Work& work);

// Runs all steps. On success work.result is complete.
absl::Status RunAllSteps(Work& work);

}  // namespace tessera::preprocess

#endif  // TESSERA_SERVICES_PREPROCESS_PICTURE_PIPELINE_H_
