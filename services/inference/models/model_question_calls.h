// SPDX-License-Identifier: Apache-2.0
//
// Calls that look at the engine's models: ShowModel, ListRunningModels, FindMissingBlobs.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_MODEL_QUESTION_CALLS_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_MODEL_QUESTION_CALLS_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/model/v1/model_service.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Each begins a call; the reactor deletes itself when the call is over.
grpc::ServerUnaryReactor* StartShowModel(const ModelsContext& context,
                                         grpc::CallbackServerContext* rpc,
                                         const model::v1::ShowModelRequest* request,
                                         model::v1::ShowModelResponse* response);
grpc::ServerUnaryReactor* StartListRunningModels(const ModelsContext& context,
                                                 grpc::CallbackServerContext* rpc,
                                                 model::v1::ListRunningModelsResponse* response);
grpc::ServerUnaryReactor* StartFindMissingBlobs(const ModelsContext& context,
                                                grpc::CallbackServerContext* rpc,
                                                const model::v1::FindMissingBlobsRequest* request,
                                                model::v1::FindMissingBlobsResponse* response);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_MODEL_QUESTION_CALLS_H_
