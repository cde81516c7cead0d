// SPDX-License-Identifier: Apache-2.0
//
// Short calls that change the engine's models: UnloadModel, CopyModel, DeleteModel.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MODEL_CHANGE_CALLS_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MODEL_CHANGE_CALLS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/model/v1/model_service.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Each begins a call; the reactor deletes itself when the call is over.
grpc::ServerUnaryReactor* StartUnloadModel(const ModelsContext& context,
                                           grpc::CallbackServerContext* rpc,
                                           const model::v1::UnloadModelRequest* request);
grpc::ServerUnaryReactor* StartCopyModel(const ModelsContext& context,
                                         grpc::CallbackServerContext* rpc,
                                         const model::v1::CopyModelRequest* request);
grpc::ServerUnaryReactor* StartDeleteModel(const ModelsContext& context,
                                           grpc::CallbackServerContext* rpc,
                                           const model::v1::DeleteModelRequest* request);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MODEL_CHANGE_CALLS_H_
