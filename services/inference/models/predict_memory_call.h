// SPDX-License-Identifier: Apache-2.0
//
// ModelService.PredictMemory: asks for each model's metadata, then computes.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_PREDICT_MEMORY_CALL_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_PREDICT_MEMORY_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/model/v1/model_service.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Begins the call; the reactor deletes itself when the call is over.
grpc::ServerUnaryReactor* StartPredictMemory(const ModelsContext& context,
                                             grpc::CallbackServerContext* rpc,
                                             const model::v1::PredictMemoryRequest* request,
                                             model::v1::PredictMemoryResponse* response);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_PREDICT_MEMORY_CALL_H_
