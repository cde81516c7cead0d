// SPDX-License-Identifier: Apache-2.0
//
// SamplingOptions and RuntimeOptions of a request, each field checked against its range.
#ifndef TESSERA_SERVICES_INFERENCE_SAMPLING_CHECK_H_
#define TESSERA_SERVICES_INFERENCE_SAMPLING_CHECK_H_

#include <tessera/inference/v1/conversation.pb.h>

#include "absl/status/statusor.h"
#include "services/inference/engine/model_engine.h"

namespace tessera::inference {

// FIELD_INVALID naming the field. The result's views point into `given`.
absl::StatusOr<ChatSampling> CheckSampling(const v1::SamplingOptions& given,
                                           uint32_t default_max_output_tokens);

// `profile` under what the request says. FIELD_INVALID; FAILED_PRECONDITION, reason
// RUNTIME_OPTIONS_FIXED, where requests may not differ from the profile, unless `may_differ`.
absl::StatusOr<RuntimeOptions> CheckRuntime(const v1::RuntimeOptions& given,
                                            const RuntimeOptions& profile, bool may_differ);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_SAMPLING_CHECK_H_
