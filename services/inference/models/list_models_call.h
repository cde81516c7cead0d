// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_SERVICES_INFERENCE_MODELS_LIST_MODELS_CALL_H_
#define TESSERA_SERVICES_INFERENCE_MODELS_LIST_MODELS_CALL_H_

#include <grpcpp/support/server_callback.h>
#include <tessera/model/v1/model_service.pb.h>

#include "services/inference/models/models_context.h"

namespace tessera::inference {

// Asks the engine anew which models it has, so that what was fetched or deleted a moment ago shows.
// What only the last look knows, capabilities and what is in memory, comes from there. The reactor
// deletes itself when the call is over.
grpc::ServerUnaryReactor* StartListModels(const ModelsContext& context,
                                          grpc::CallbackServerContext* rpc,
                                          model::v1::ListModelsResponse* response);

}  // namespace tessera::inference

#endif  // TESSERA_SERVICES_INFERENCE_MODELS_LIST_MODELS_CALL_H_
