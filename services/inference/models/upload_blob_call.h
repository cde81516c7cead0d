// SPDX-License-Identifier: Apache-2.0
//
// ModelService.UploadBlob: pieces from the caller become one request body to the engine.
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_UPLOAD_BLOB_CALL_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_UPLOAD_BLOB_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <tessera/model/v1/model_service.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Begins the call; the reactor deletes itself when the call is over.
grpc::ServerReadReactor<model::v1::UploadBlobRequest>* StartUploadBlob(
    const ModelsContext& context, grpc::CallbackServerContext* rpc,
    model::v1::UploadBlobResponse* response);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_UPLOAD_BLOB_CALL_H_
