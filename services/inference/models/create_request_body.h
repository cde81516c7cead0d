// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_CREATE_REQUEST_BODY_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_CREATE_REQUEST_BODY_H_

#include <tessera/model/v1/model_service.pb.h>

#include <string>

#include "absl/status/statusor.h"

namespace tessera::inference {

// The JSON of /api/create. INVALID_ARGUMENT naming the field that is wrong: names, digests,
// parameters that the engine does not have or whose values are of another type.
absl::StatusOr<std::string> MakeCreateRequestBody(const model::v1::CreateModelRequest& request);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_CREATE_REQUEST_BODY_H_
