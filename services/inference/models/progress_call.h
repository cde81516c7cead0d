// SPDX-License-Identifier: Apache-2.0
//
// ModelService.PullModel and CreateModel: one long request to the engine, its progress relayed.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_PROGRESS_CALL_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_PROGRESS_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/model/v1/model_service.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Each begins a call; the reactor deletes itself when the call is over.
grpc::ServerWriteReactor<model::v1::PullModelResponse>* StartPullModel(
    const ModelsContext& context, grpc::CallbackServerContext* rpc,
    const model::v1::PullModelRequest* request);
grpc::ServerWriteReactor<model::v1::CreateModelResponse>* StartCreateModel(
    const ModelsContext& context, grpc::CallbackServerContext* rpc,
    const model::v1::CreateModelRequest* request);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_PROGRESS_CALL_H_
