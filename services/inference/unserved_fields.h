// SPDX-License-Identifier: Apache-2.0
//
// Fields that the API has and this version does not serve. They are refused by name: an option that
// is dropped without a word is worse than an error.
#ifndef TESSERA_SERVICES_INFERENCE_UNSERVED_FIELDS_H_
#define TESSERA_SERVICES_INFERENCE_UNSERVED_FIELDS_H_

#include <tessera/inference/v1/inference_service.pb.h>

#include "absl/status/status.h"

namespace tessera::inference {

// FIELD_INVALID, naming the first field that asks for what is not served. Cache policy passes:
// nothing is cached, so it is honoured as it stands.
absl::Status CheckServed(const v1::GenerateRequest& request);
absl::Status CheckServed(const v1::ClassifyRequest& request);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_UNSERVED_FIELDS_H_
