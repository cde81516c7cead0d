// SPDX-License-Identifier: Apache-2.0
//
// ModelService.LoadModel: load, then see what became of it.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_LOAD_MODEL_CALL_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_LOAD_MODEL_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/model/v1/model_service.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Begins the call; the reactor deletes itself when the call is over.
grpc::ServerUnaryReactor* StartLoadModel(const ModelsContext& context,
                                         grpc::CallbackServerContext* rpc,
                                         const model::v1::LoadModelRequest* request,
                                         model::v1::LoadModelResponse* response);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_LOAD_MODEL_CALL_H_
