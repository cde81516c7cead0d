// SPDX-License-Identifier: Apache-2.0
//
// InferenceService.Batch at the GPU host's door.
#ifndef TESSERA_SERVICES_INFERENCE_CALL_BATCH_CALL_H_
#define TESSERA_SERVICES_INFERENCE_CALL_BATCH_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/inference/v1/inference_service.pb.h>

#include "services/inference/inference_context.h"

namespace tessera::inference {

// Begins the call; the reactor deletes itself when the call is over.
grpc::ServerBidiReactor<v1::BatchRequest, v1::BatchResponse>* StartBatch(
    InferenceContext& context, grpc::CallbackServerContext* rpc);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_CALL_BATCH_CALL_H_
